"""Every rule reaches every verdict, and every verdict has its words. Claims are found by their names."""

import math
import string

import pandas as pd
import pytest

from tests.claims import tables as made
from whylstm import claims, figures, records
from whylstm.errors import StudyError
from whylstm.wording import VERDICTS

EVERY = [(name, verdict) for name in claims.names() for verdict in VERDICTS]


def judged(name, tables):
    return claims.load(name).record(tables)


def test_every_claim_has_its_cases():
    assert set(made.CASES) == set(claims.names())


@pytest.mark.parametrize(("name", "verdict"), EVERY)
def test_every_rule_reaches_every_verdict(name, verdict):
    assert judged(name, made.CASES[name][verdict]())["verdict"] == verdict


@pytest.mark.parametrize(("name", "verdict"), EVERY)
def test_the_order_of_rows_does_not_matter(name, verdict):
    given = made.CASES[name][verdict]()
    shuffled = {table: frame.sample(frac=1, random_state=7) for table, frame in given.items()}
    assert judged(name, shuffled) == judged(name, given)


@pytest.mark.parametrize("name", claims.names())
def test_a_verdict_turns_title_and_sentence(name):
    found = [judged(name, make()) for make in made.CASES[name].values()]
    assert len({record["title"] for record in found}) == len(VERDICTS)
    assert len({record["sentence"] for record in found}) == len(VERDICTS)


@pytest.mark.parametrize(("name", "verdict"), EVERY)
def test_a_sentence_is_filled_with_the_numbers_that_were_measured(name, verdict):
    claim, record = claims.load(name), judged(name, made.CASES[name][verdict]())
    asked = [field for _, field, _, _ in string.Formatter().parse(claim.sentences[verdict]) if field]
    for field in asked:
        key, _, attribute = field.partition(".")
        facts = record["numbers"].get(key, {"text": record["words"].get(key)})
        assert facts[attribute or "text"] in record["sentence"]
    assert "nan" not in record["sentence"]
    assert "{" not in record["title"] + record["sentence"] + record["conditions"]


@pytest.mark.parametrize("name", claims.names())
def test_templates_ask_for_nothing_that_is_not_measured(name):
    claim = claims.load(name)
    facts = claim.measure(made.CASES[name]["undecided"]())
    limits = [claim.conditions] if isinstance(claim.conditions, str) else claim.conditions.values()
    for text in [*claim.titles.values(), *claim.sentences.values(), *limits]:
        assert text.format_map({**facts.numbers, **facts.words})
    assert claim.number in facts.numbers
    assert set(claim.titles) == set(claim.sentences) == set(VERDICTS)


@pytest.mark.parametrize("name", claims.names())
def test_empty_tables_decide_nothing(name):
    empty = {table: frame.iloc[:0] for table, frame in made.everything().items()}
    assert judged(name, empty)["verdict"] == "undecided"


@pytest.mark.parametrize("name", claims.names())
def test_a_record_can_be_checked(name):
    record = judged(name, made.CASES[name]["refuted"]())
    assert record["id"] == f"C{int(name[1:])}"
    assert record["code"] == f"src/whylstm/claims/{name}.py"
    assert record["number"]["key"] in record["numbers"]
    assert record["number"]["meaning"]
    assert set(record["tables"]) <= set(records.tables())
    assert record["figure"] is None or record["figure"] in figures.base.names()


def test_numbers_have_the_same_keys_whatever_is_found():
    for name in claims.names():
        keys = {tuple(judged(name, make())["numbers"]) for make in made.CASES[name].values()}
        assert len(keys) == 1, name


def test_a_missing_table_names_the_claim():
    with pytest.raises(StudyError, match="claim C9 needs the table 'points'; given: lag_profile"):
        judged("c09", {"lag_profile": made.lag_profile([0.0])})


def test_evaluate_judges_all_in_order_and_can_be_written(tmp_path):
    found = claims.evaluate(made.everything())
    assert [record["id"] for record in found] == [f"C{i}" for i in range(1, len(found) + 1)]
    records.write_json(tmp_path / "claims.json", found)
    assert [record["verdict"] for record in records.read_json(tmp_path / "claims.json")] == [
        record["verdict"] for record in found
    ]
    records.write_table(tmp_path / "claims.parquet", claims.table(found), "claims")
    read = records.read_table(tmp_path / "claims.parquet", "claims")
    assert list(read["claim"]) == [record["id"] for record in found]


def test_evaluate_reads_a_folder_and_knows_its_command(tmp_path):
    folder = tmp_path / "results" / "smoke" / "tables"
    found = made.everything()
    records.write_table(folder / "identities.parquet", found["identities"], "identities")
    with pytest.raises(StudyError, match="needs the table"):
        claims.evaluate(folder)
    assert claims.evaluate(found, "again")[0]["command"] == "again"
    assert claims.evaluate(found)[0]["command"] == "snakemake --cores all results/claims.json"


def test_claims_name_their_tables():
    assert set(claims.tables(["c09", "c10"])) == {"lag_profile", "networks", "points"}


def test_paraphrases_fit_into_a_table():
    for name in claims.names():
        assert len(claims.load(name).paraphrase.split()) <= 25


def test_numbers_that_are_not_there_are_null_in_json():
    record = judged("c09", made.CASES["c09"]["undecided"]())
    assert record["numbers"]["bias_some"]["value"] is None
    assert record["numbers"]["bias_some"]["text"] == "none"
    assert not any(
        isinstance(number["value"], float) and math.isnan(number["value"]) for number in record["numbers"].values()
    )


def test_evaluate_does_not_change_its_tables():
    given = made.everything()
    before = {name: frame.copy() for name, frame in given.items()}
    claims.evaluate(given)
    for name, frame in given.items():
        pd.testing.assert_frame_equal(frame, before[name])
