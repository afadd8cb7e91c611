"""The description of a release, held against what RO-Crate 1.2 and Workflow Run Crate 0.5 require (their MUSTs)."""

import hashlib
import json
import re
import zipfile
from urllib.parse import quote, unquote

import pytest

from tests.release.conftest import PRODUCTS


@pytest.fixture
def files(archive):
    with zipfile.ZipFile(archive) as packed:
        return {name: packed.read(name) for name in packed.namelist()}


@pytest.fixture
def document(files):
    return json.loads(files["ro-crate-metadata.json"])


@pytest.fixture
def graph(document):
    return {entity["@id"]: entity for entity in document["@graph"]}


def types(entity):
    return entity["@type"] if isinstance(entity["@type"], list) else [entity["@type"]]


def targets(value):
    """Yield every identifier that a property points to."""
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, dict):
            yield item["@id"]


def test_the_context_is_named_by_reference_and_the_document_is_flat(document):
    assert document["@context"] == "https://w3id.org/ro/crate/1.2/context"
    for entity in document["@graph"]:
        assert {
            "@id",
            "@type",
        } <= set(entity)
        for name, value in entity.items():
            for item in value if isinstance(value, list) else [value]:
                assert isinstance(item, str) or set(item) == {"@id"}, f"{entity['@id']} {name} is nested"


def test_no_entity_is_described_twice(document):
    names = [entity["@id"] for entity in document["@graph"]]
    assert len(names) == len(set(names))


def test_the_descriptor_points_to_the_root_and_states_its_specification(graph):
    descriptor = graph["ro-crate-metadata.json"]
    assert types(descriptor) == ["CreativeWork"]
    assert descriptor["about"] == {"@id": "./"}
    assert {"@id": "https://w3id.org/ro/crate/1.2"} in descriptor["conformsTo"]


def test_the_root_has_name_description_date_and_licence(graph):
    root = graph["./"]
    assert "Dataset" in types(root)
    assert root["name"]
    assert root["description"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", root["datePublished"])
    assert graph[root["license"]["@id"]]["name"] == "MIT License"


def test_every_file_is_an_entity_linked_from_the_root_and_every_entity_is_a_file(files, graph):
    described = {name for name, entity in graph.items() if "File" in types(entity)}
    payload = {quote(name, safe="/~") for name in files} - {"ro-crate-metadata.json", "manifest-sha256.txt"}
    assert described == payload == set(targets(graph["./"]["hasPart"]))


def test_identifiers_are_relative_uris_and_read_back_as_paths(files, graph):
    for name in (name for name, entity in graph.items() if "File" in types(entity)):
        assert re.fullmatch(r"[A-Za-z0-9._~/%-]+", name)
        assert unquote(name) in files


def test_size_hash_and_media_type_are_those_of_the_bytes(files, graph):
    for name, entity in graph.items():
        if "File" in types(entity):
            content = files[unquote(name)]
            assert entity["contentSize"] == str(len(content))
            assert entity["sha256"] == hashlib.sha256(content).hexdigest()
            assert re.fullmatch(r"[a-z]+/[a-z0-9.+-]+", entity["encodingFormat"])


def test_whatever_is_pointed_to_is_described(graph):
    outside = {"https://w3id.org/ro/crate/1.2"}  # the specification itself, which the descriptor names
    pointed = {target for entity in graph.values() for value in entity.values() for target in targets(value)}
    assert pointed - outside <= set(graph)


def test_what_is_described_is_reached_from_the_root(graph):
    reached, waiting = set(), ["./", "ro-crate-metadata.json"]
    while waiting:
        name = waiting.pop()
        if name in graph and name not in reached:
            reached.add(name)
            waiting += [target for value in graph[name].values() for target in targets(value)]
    assert reached == set(graph)


def test_the_run_is_an_action_by_the_workflow_from_the_config_to_the_products(graph):
    root = graph["./"]
    workflow = graph[root["mainEntity"]["@id"]]
    assert set(types(workflow)) == {"File", "SoftwareSourceCode", "ComputationalWorkflow"}
    assert {"name", "url", "version"} <= set(graph[workflow["programmingLanguage"]["@id"]])
    action = graph[root["mentions"]["@id"]]
    assert types(action) == ["CreateAction"]
    assert action["instrument"] == root["mainEntity"]
    made = {unquote(name) for name in targets(action["result"])}
    assert made == {*PRODUCTS, "provenance.json"}
    assert {"config.yaml", "requirements.lock"} <= set(targets(action["object"]))


@pytest.mark.parametrize(
    "profile",
    [
        "https://w3id.org/ro/wfrun/process/0.5",
        "https://w3id.org/ro/wfrun/workflow/0.5",
        "https://w3id.org/workflowhub/workflow-ro-crate/1.0",
    ],
)
def test_the_profiles_are_stated_by_the_root_and_described(graph, profile):
    assert {"@id": profile} in graph["./"]["conformsTo"]
    assert "CreativeWork" in types(graph[profile])
    assert graph[profile]["version"]
