from whylstm.study.config_docs import page
from whylstm.study.schema import ROOT, keys


def test_the_page_in_docs_is_the_one_that_the_schema_gives():
    written = (ROOT / "docs" / "config.md").read_text(encoding="utf-8")
    assert written == page(), "run: python -m whylstm explain --all > docs/config.md"


def test_every_key_has_a_row_with_its_sentence():
    text = page()
    for key in keys():
        assert f"| `{key.path.rpartition('.')[2]}` | {key.sentence} |" in text
