"""JSON Schemas are made of the classes of frames, bodies and answers."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import attrs
import msgspec

AT = "#/components/schemas/{name}"

Facets = Callable[["attrs.Attribute[Any]"], Mapping[str, Any]]


def noted(attribute: "attrs.Attribute[Any]") -> Mapping[str, Any]:
    """Return what a field says of itself beside its type.

    That is {"schema": ...} in its metadata, and {"required": True} where it may lack or be null
    only to be refused in words of its own.
    """
    facets: Mapping[str, Any] = attribute.metadata.get("schema", {})
    return facets


def schemas(
    types: Iterable[Any], facets: Facets = noted, at: str = AT
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Make a schema for each type, and the named ones these refer to.

    A type is an attrs class, a TypedDict or anything made of them. facets: what an attrs field is
    bound by. at: where the named ones stand.
    """
    wanted = list(types)
    made, components = msgspec.json.schema_components(wanted, ref_template=at)
    for shape in components.values():
        if "description" in shape:  # a docstring, with its line breaks
            shape["description"] = " ".join(shape["description"].split())
    for type_ in wanted:
        if isinstance(type_, type) and attrs.has(type_):
            _bind(components[type_.__name__], type_, facets)
    return list(made), components


def _bind(shape: dict[str, Any], type_: type, facets: Facets) -> None:
    for attribute in attrs.fields(type_):
        schema = shape["properties"][attribute.name]
        first, *_ = schema.get("anyOf", [schema])  # the other one is null
        first.update(facets(attribute))
        if attribute.metadata.get("required"):
            shape["properties"][attribute.name] = first
            shape.setdefault("required", []).append(attribute.name)
