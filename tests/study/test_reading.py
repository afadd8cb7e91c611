import pytest

from whylstm.errors import StudyError
from whylstm.study.reading import read_yaml, typed


def written(folder, text):
    path = folder / "config.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_plain_data_comes_back_and_an_empty_file_is_an_empty_mapping(tmp_path):
    assert read_yaml(written(tmp_path, "a: [1, 2.5, x]\nb: {c: true}\n")) == {"a": [1, 2.5, "x"], "b": {"c": True}}
    assert read_yaml(written(tmp_path, "# nothing yet\n")) == {}


@pytest.mark.parametrize("text", ["1e-3", "1.0e-3", "1E-3", "+1e-3"])
def test_a_number_in_scientific_notation_is_a_number_with_or_without_a_point(tmp_path, text):
    assert read_yaml(written(tmp_path, f"rate: {text}")) == {"rate": 0.001}


def test_anchors_and_merges_unfold_and_own_keys_win(tmp_path):
    text = "one: &one {gain: 1, bias: 2}\ntwo:\n  <<: *one\n  gain: 3\n"
    assert read_yaml(written(tmp_path, text))["two"] == {"gain": 3, "bias": 2}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: [1, 2\nb: 3\n", "not valid YAML at line 2, column 2"),
        ("a: 1\n\tb: 2\n", "not valid YAML at line 2, column 1"),
        ("a: 1\nb: 2\na: 3\n", "at line 3, column 1: the key 'a' is given twice"),
        ("a:\n  on: 2\n", "at line 2, column 3: the key 'on' must be a text"),
        ("1: 2\n", "at line 1, column 1: the key '1' must be a text"),
        ("? [a, b]\n: 2\n", "the key (a list or a mapping) must be a text"),
        ("a: !!python/object/apply:os.system ['true']\n", "at line 1, column 4: could not determine a constructor"),
        ("a: 1\n---\na: 2\n", "at line 2, column 1"),
        ("- a\n- b\n", "must hold keys and values, but holds a list"),
        ("just a sentence", "must hold keys and values, but holds a str"),
        (b"a: \xff\xfe", "is not UTF-8 text"),
        ("a: \x07", "is not valid YAML"),
        (f"a: {'9' * 5000}", "holds a value that cannot be read"),
        (f"a: 0x{'f' * 5000}", "at line 1, column 4: it holds a value that cannot be read as int: '0xfff"),
        (f"a: 0b{'1' * 50000}", "at line 1, column 4: it holds a value that cannot be read as int: '0b111"),
        ("a: 2018-99-99", "holds a value that cannot be read"),
        ("a: !!int ''", "at line 1, column 4: it holds a value that cannot be read as int: ''"),
        ("a: !!int x", "at line 1, column 4: it holds a value that cannot be read as int: 'x'"),
        ("a: !!int [1]", "at line 1, column 4: it holds a value that cannot be read as int: (a list or a mapping)"),
        ("a: {b: !!float ''}", "at line 1, column 8: it holds a value that cannot be read as float: ''"),
        ("a: !!bool maybe", "at line 1, column 4: it holds a value that cannot be read as bool: 'maybe'"),
        ("a: !!timestamp soon", "at line 1, column 4: it holds a value that cannot be read as timestamp: 'soon'"),
        ('a: "\\UFFFFFFFF"', "holds a value that cannot be read"),
        ("a: 0100", "at line 1, column 4: the number '0100' has a leading zero or a colon, so it may mean another one"),
        ("a: [1, -007]", "at line 1, column 8: the number '-007' has a leading zero"),
        ("a: 1:30", "the number '1:30' has a leading zero or a colon"),
        ("a: 1:30.5", "the number '1:30.5' has a leading zero or a colon"),
        ("[" * 1500, "nested too deeply"),
        ("a: &a [*a, *a]", "nested too deeply"),
    ],
)
def test_a_mistake_is_one_sentence_with_file_and_place(tmp_path, text, message):
    path = written(tmp_path, text)
    with pytest.raises(StudyError) as caught:
        read_yaml(path)
    sentence = str(caught.value)
    assert sentence.startswith(str(path))
    assert message in sentence
    assert "\n" not in sentence


def test_anchors_that_unfold_to_billions_of_values_are_refused_without_unfolding_them(tmp_path):
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    with pytest.raises(StudyError, match=r"unfolds to [0-9]+ values: at most 1000000 are allowed"):
        read_yaml(written(tmp_path, "\n".join(lines)))


def test_a_missing_file_and_a_folder_are_named(tmp_path):
    with pytest.raises(StudyError, match=r"nowhere\.yaml is missing"):
        read_yaml(tmp_path / "nowhere.yaml")
    with pytest.raises(StudyError, match="cannot be read"):
        read_yaml(tmp_path)


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("8", 8),
        ("-0.5", -0.5),
        ("0", 0),
        ("0.5", 0.5),
        ("1e-3", 0.001),
        ("true", True),
        ("lstm", "lstm"),
        ("010", "010"),
        ("1:30", "1:30"),
        ("", ""),
        ("null", "null"),
        ("2018-09-15", "2018-09-15"),
        ("2018-99-99", "2018-99-99"),
        ("9" * 5000, "9" * 5000),
        ("0x" + "f" * 5000, "0x" + "f" * 5000),
        ("!!int ''", "!!int ''"),
        ("!!python/object/apply:os.system [x]", "!!python/object/apply:os.system [x]"),
        ("[1, 2]", "[1, 2]"),
        ("&a *a", "&a *a"),
        ("a\0b", "a\0b"),
        ({"a": ["1", {"b": "x"}]}, {"a": [1, {"b": "x"}]}),
        (7, 7),
        (None, None),
    ],
)
def test_a_command_line_has_numbers_where_it_spells_them_and_texts_elsewhere(said, read):
    assert typed(said) == read
    assert type(typed(said)) is type(read)
