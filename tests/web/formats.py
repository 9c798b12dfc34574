"""What schemathesis makes of formats: values that get behind the first refusal."""

import os

import schemathesis
from hypothesis import strategies as st

TEXT = st.characters(exclude_characters="\0", codec="utf-8")

# Of plain form; what else an address may look like is email-validator's own matter.
schemathesis.openapi.format(
    "email", st.from_regex(r"[a-z][a-z0-9]{0,10}@[a-z]{1,10}\.com", fullmatch=True)
)
schemathesis.openapi.format("password", st.text(TEXT, min_size=1, max_size=100))
# Those of a channel, a message and a user that are there; and others.
schemathesis.openapi.format(
    "uuid", st.sampled_from(os.environ["THESIS_IDS"].split()) | st.uuids().map(str)
)


@schemathesis.hook
def map_case(context: schemathesis.HookContext, case: schemathesis.Case) -> schemathesis.Case:
    """An id that stands in the path and in the body is the same, where all else is right."""
    if case.meta is None or not case.meta.generation.mode.is_positive:
        return case
    if isinstance(case.body, dict) and case.path_parameters:
        for name, value in case.path_parameters.items():
            if isinstance(case.body.get(name), str) and isinstance(value, str):
                case.body[name] = value
    return case
