"""Chat templates through Python's Jinja2, set up as transformers does it.

  jinja_reference.py fill FILE             renews what small templates give: {inputs, cases of name, template, input, and expected or refused}
  jinja_reference.py render FOLDER OUTPUT  FOLDER/NAME/cases.json: a list of {template, variables}; OUTPUT/NAME.json: what each gives, or null

Needs Debian's python3-jinja2, or any Jinja2 from 3.1 on.
"""

import datetime
import json
import os
import sys

import jinja2
import jinja2.ext
import jinja2.nodes
import jinja2.sandbox

TODAY = datetime.datetime(2024, 7, 26)  # in every run here


class Generation(jinja2.ext.Extension):
    """The tag around what a model writes; it writes nothing itself."""

    tags = {"generation"}

    def parse(self, parser):
        line = next(parser.stream).lineno
        body = parser.parse_statements(("name:endgeneration",), drop_needle=True)
        return jinja2.nodes.Scope(body, lineno=line)


def refuse(message):
    raise jinja2.TemplateError(message)


def to_json(value, ensure_ascii=False, indent=None, separators=None, sort_keys=False):
    return json.dumps(value, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)


def environment():
    made = jinja2.sandbox.ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=[Generation, jinja2.ext.loopcontrols]
    )
    made.filters["tojson"] = to_json
    made.globals["raise_exception"] = refuse
    made.globals["strftime_now"] = TODAY.strftime
    return made


def fill(path):
    with open(path, encoding="utf-8") as file:
        data = json.load(file)
    for case in data["cases"]:
        case.pop("expected", None)
        case.pop("refused", None)
        try:
            given = data["inputs"][case["input"]] if isinstance(case["input"], str) else case["input"]
            case["expected"] = environment().from_string(case["template"]).render(**given)
        except Exception as fault:
            case["refused"] = f"{type(fault).__name__}: {fault}"
    with open(path, "w", encoding="utf-8") as file:
        json.dump(data, file, ensure_ascii=False, indent=1)
        file.write("\n")


def render(folder, output):
    for name in sorted(os.listdir(folder)):
        with open(os.path.join(folder, name, "cases.json"), encoding="utf-8") as file:
            cases = json.load(file)
        texts = []
        for case in cases:
            try:
                texts.append(environment().from_string(case["template"]).render(**case["variables"]))
            except Exception:
                texts.append(None)
        with open(os.path.join(output, name + ".json"), "w", encoding="utf-8") as file:
            json.dump(texts, file, ensure_ascii=False)


if __name__ == "__main__":
    {"fill": fill, "render": render}[sys.argv[1]](*sys.argv[2:])
    print(f"Jinja2 {jinja2.__version__}", file=sys.stderr)
