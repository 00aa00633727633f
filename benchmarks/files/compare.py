#!/usr/bin/env python3
"""Compares what `FileBenchmarks read` made of files with what other readers make of them, and prints a table by kind.

    compare.py KIND FILES READ OTHER [WORST]

KIND is csv, parquet, xlsx, docx or pdf; FILES a folder of files, READ what our program wrote, OTHER what the other reader gave: JSON of
`FileBenchmarks duckdb` (csv) and `parquet.mjs` (parquet). Workbooks, Word and PDF documents are read here, by openpyxl, pandoc and pdftotext,
and kept in OTHER.
"""
import csv, datetime, io, json, math, pathlib, re, subprocess, sys, zipfile
from collections import Counter

RECALL, ORDER, MOST_ROWS = 0.98, 0.95, 2000


def words(text):
    return re.findall(r"\w+", text)


def common_order(first, second):
    """Length of the longest common subsequence, by bits (Hyyrö 2004)."""
    places = {}
    for place, word in enumerate(first):
        places[word] = places.get(word, 0) | 1 << place
    full = (1 << len(first)) - 1
    state = full
    for word in second:
        met = state & places.get(word, 0)
        state = ((state + met) | (state - met)) & full
    return len(first) - bin(state).count("1")


# Documents

def pandoc_text(path):
    """What pandoc reads, without the numbers of lists and the names of pictures, which it adds."""
    made = subprocess.run(["timeout", "60", "pandoc", "-f", "docx", "-t", "json", path], capture_output=True)
    if made.returncode:
        return None
    tree, out = json.loads(made.stdout), []

    def table(rows):
        for row in rows:
            for cell in row[1]:
                walk(cell[4])
                out.append("\t")
            out.append("\n")

    def walk(node):
        if isinstance(node, list):
            for item in node:
                walk(item)
        if not isinstance(node, dict):
            return
        kind, content = node.get("t"), node.get("c")
        if kind == "Str":
            out.append(content)
        elif kind in ("Space", "SoftBreak", "LineBreak"):
            out.append(" ")
        elif kind in ("Code", "CodeBlock", "Math", "RawInline", "RawBlock"):
            out.append(content[1])
        elif kind in ("Link", "Span", "Div", "Cite", "Quoted"):
            walk(content[1])
        elif kind == "Header":
            walk(content[2])
        elif kind == "OrderedList":
            walk(content[1])
        elif kind == "Note":
            out.append(" [")
            walk(content)
            out.append("] ")
        elif kind == "Table":
            walk(content[1][1])
            table(content[3][1])
            for body in content[4]:
                table(body[2])
                table(body[3])
            table(content[5][1])
        elif kind != "Image" and content is not None:
            walk(content)
        if kind in ("Para", "Plain", "Header", "CodeBlock", "LineBlock", "BlockQuote", "BulletList", "OrderedList", "Table", "Div"):
            out.append("\n")

    for name in ("title", "subtitle", "author", "date", "abstract"):  # paragraphs of these styles, which it takes out
        walk(tree["meta"].get(name))
        out.append("\n")
    walk(tree["blocks"])
    return "".join(out)


def box_words(path):
    """Words of text boxes, which pandoc doesn't read."""
    try:
        text = zipfile.ZipFile(path).read("word/document.xml").decode()
    except (KeyError, zipfile.BadZipFile, NotImplementedError, UnicodeDecodeError):
        return Counter()
    text = re.sub(r"<mc:Fallback>.*?</mc:Fallback>", "", text, flags=re.S)
    boxes = re.findall(r"<w:txbxContent.*?</w:txbxContent>", text, flags=re.S)
    shown = (re.sub(r"<[^>]+>", "", re.sub(r"</w:p>|<w:tab/>|<w:br/>", " ", box)) for box in boxes)
    return Counter(word for box in shown for word in words(box))


def pdf_text(path):
    made = subprocess.run(["timeout", "60", "pdftotext", "-enc", "UTF-8", path, "-"], capture_output=True)
    return None if made.returncode else made.stdout.decode(errors="replace")


def kept(path, make):
    if not path.exists():
        text = make()
        path.write_text(json.dumps(text))
    return json.loads(path.read_text())


def document(kind, path, ours, other):
    theirs = kept(other / (path.name + ".json"), lambda: (pandoc_text if kind == "docx" else pdf_text)(path))
    if "text" not in ours:
        return ("broke" if "broke" in ours else "refused alone" if theirs and words(theirs) else "refused"), 0, 0, 0, ours
    if theirs is None:
        return "read alone", 1, 1, 1, None
    mine, reference = words(ours["text"]), words(theirs)
    both = sum((Counter(mine) & Counter(reference)).values())
    beside = box_words(path) - (Counter(reference) - Counter(mine)) if kind == "docx" else Counter()
    extra = Counter(mine) - Counter(reference) - beside
    recall = both / len(reference) if reference else 1
    precision = 1 - extra.total() / len(mine) if mine else 1
    order = common_order(mine, reference) / len(reference) if reference else 1
    right = recall >= RECALL and (kind == "pdf" or precision >= RECALL)
    return ("right" if right else "differs"), recall, precision, order, None


# Tables

def plain(value):
    """A cell as text: numbers by their value, nothing for what is empty."""
    if value is None or value == "" or isinstance(value, float) and not math.isfinite(value):
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict) and len(value) == 1 and next(iter(value)) in ("$number", "$date", "$bytes"):
        return plain(next(iter(value.values())))
    if isinstance(value, (int, float)):
        return number(str(value))
    if isinstance(value, (list, dict)):
        return json.dumps(inner(value), ensure_ascii=False, sort_keys=True) if inner(value) else ""
    return number(moment(str(value)))


def inner(value):
    if isinstance(value, list):
        return [inner(item) for item in value]
    if isinstance(value, dict) and not (len(value) == 1 and next(iter(value)).startswith("$")):
        return {key: inner(item) for key, item in value.items() if plain(item) != ""}
    return plain(value)


def number(text):
    try:
        return "%.7g" % float(text) if re.fullmatch(r"[-+]?[\d.]+(?:[eE][-+]?\d+)?", text) else text
    except ValueError:
        return text


def moment(text):
    """Days and times in one form, a zone of UTC left out."""
    found = re.fullmatch(r"(\d{4,6}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d)?)(\.\d+)?(?:Z|\+00(?::?00)?)?)?", text)
    if not found:
        return text
    day, clock, part = found.groups()
    part = (part or "").rstrip("0").rstrip(".")[:4]
    clock = clock + ":00" if clock and len(clock) == 5 else clock
    return day if clock in (None, "00:00:00") and not part else f"{day}T{clock}{part}"


def is_no_text(value):
    """Bytes and shapes of geography, which have no one form as text."""
    return isinstance(value, dict) and ("$bytes" in value or "coordinates" in value or "geometries" in value) or isinstance(value, str) and any(ord(sign) < 9 or sign == "\ufffd" for sign in value)


def without(columns, rows):
    return [[cell for place, cell in enumerate(row) if place not in columns] for row in rows]


def rows_of(records):
    return [[plain(value) for value in record.values()] for record in records]


def trimmed(rows):
    made = []
    for row in rows:
        row = list(row)
        while row and row[-1] == "":
            row.pop()
        if row:
            made.append(row)
    return made


def table(ours, candidates):
    """Right where one of the readings has the same cells, the line of names among them or not."""
    if "records" not in ours:
        readable = any(candidate for candidate in candidates)
        return ("broke" if "broke" in ours else "refused alone" if readable else "refused"), ours
    candidates = [candidate for candidate in candidates if candidate is not None]
    if not candidates:
        return "read alone", None
    names = list(ours["records"][0]) if ours["records"] else []
    mine = trimmed(rows_of(ours["records"]))
    full = trimmed([[plain(name) for name in names], *rows_of(ours["records"])])
    for candidate in candidates:
        skipped = {place for row in candidate for place, cell in enumerate(row) if is_no_text(cell)}
        if skipped:
            mine, full, candidate = trimmed(without(skipped, rows_of(ours["records"]))), [], without(skipped, candidate)
        theirs = trimmed([[plain(cell) for cell in row] for row in candidate])
        if mine == theirs[: len(mine)] and len(mine) >= min(len(theirs), MOST_ROWS) or full == theirs or mine == theirs[1:]:
            return "right", None
    first = next((place for place, (one, another) in enumerate(zip(mine, theirs)) if one != another), min(len(mine), len(theirs)))
    return "differs", {
        "rows": [len(mine), len(theirs)], "at": first, "ours": mine[first : first + 1], "theirs": theirs[first : first + 1],
        "names": names, "problems": ours.get("problems", [])[:2],
    }


def csv_rows(path, ours, other):
    """DuckDB's reading, and Python's with our delimiter."""
    read = json.loads((other / (path.name + ".json")).read_text())
    found = [None if "refused" in read else read["rows"], None if "refused" in read else [read["names"], *read["rows"]]]
    try:
        text = path.read_bytes().decode("utf-8-sig")
        delimiter = ours.get("dialect", ",")[0]
        found.append([row for row in csv.reader(io.StringIO(text), delimiter=delimiter) if row][: MOST_ROWS + 1])
    except (UnicodeDecodeError, csv.Error, TypeError):
        pass
    return found


def parquet_rows(path, other):
    result = other / (path.name + ".json")
    read = json.loads(result.read_text()) if result.exists() and result.stat().st_size else {"refused": "no answer"}
    return [None if "refused" in read else [list(record.values()) for record in read["records"]]]


def sheet_rows(path):
    import openpyxl
    try:
        book = openpyxl.load_workbook(path, data_only=True)
        found = []
        for sheet in sorted(book.worksheets, key=lambda sheet: sheet.sheet_state != "visible"):
            rows = trimmed([[cell_text(value) for value in row] for row in sheet.iter_rows(values_only=True)])
            if rows:
                found.append(rows)
        return found[:1] or [None]
    except Exception:
        return [None]


def cell_text(value):
    if isinstance(value, datetime.datetime):
        return moment(value.isoformat())
    if isinstance(value, datetime.timedelta):
        seconds = round(value.total_seconds())
        return "%02d:%02d:%02d" % (seconds // 3600, seconds // 60 % 60, seconds % 60)
    return plain(value.isoformat() if hasattr(value, "isoformat") else value)


def main():
    kind, files, read, other = sys.argv[1], *map(pathlib.Path, sys.argv[2:5])
    worst = int(sys.argv[5]) if len(sys.argv) > 5 else 0
    other.mkdir(parents=True, exist_ok=True)
    counts, scores, shown = Counter(), [], []
    for path in sorted(files.iterdir()):
        ours = json.loads((read / (path.name + ".json")).read_text())
        if kind in ("docx", "pdf"):
            outcome, recall, precision, order, why = document(kind, path, ours, other)
            if outcome not in ("refused", "read alone"):
                scores.append((recall, precision, order))
            shown.append((recall, precision, outcome, path.name, why))
        else:
            candidates = csv_rows(path, ours, other) if kind == "csv" else parquet_rows(path, other) if kind == "parquet" else sheet_rows(path)
            outcome, why = table(ours, candidates)
            shown.append((0 if outcome in ("differs", "broke", "refused alone") else 1, 0, outcome, path.name, why))
        counts[outcome] += 1
    print(f"| kind | tried | right | refused, as the other reader does | read here alone | refused here alone | differs | no sentence |")
    print("| --- " * 8 + "|")
    names = ["right", "refused", "read alone", "refused alone", "differs", "broke"]
    print(f"| {kind} | {counts.total()} | " + " | ".join(str(counts[name]) for name in names) + " |")
    if scores:
        share = lambda test: "%.1f %%" % (100 * sum(map(test, scores)) / len(scores))
        print(f"recall >= {RECALL}: {share(lambda s: s[0] >= RECALL)}; precision >= {RECALL}: {share(lambda s: s[1] >= RECALL)}; "
              f"both: {share(lambda s: min(s[:2]) >= RECALL)}; order >= {ORDER}: {share(lambda s: s[2] >= ORDER)}, of {len(scores)} files")
    for recall, precision, outcome, name, why in sorted((line for line in shown if line[2] not in ("right", "refused", "read alone")), key=lambda line: line[:2])[:worst]:
        print("%.3f %.3f %s %s %s" % (recall, precision, outcome, name, json.dumps(why, ensure_ascii=False)[:600] if why else ""))


main()
