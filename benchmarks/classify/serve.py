#!/usr/bin/env python3
"""How fast a served classifier answers:  serve.py ADDRESS KEY MODEL TEXTS.csv   (a column `text`)

One text at a time over one connection (p50, p95), then 100,000 texts in requests of 2,000.
"""
import csv, http.client, json, sys, time, urllib.parse

address, key, model, path = sys.argv[1:5]
texts = [row["text"] for row in csv.DictReader(open(path, newline="", encoding="utf-8"))]
host = urllib.parse.urlparse(address)
connection = http.client.HTTPConnection(host.hostname, host.port, timeout=600)


def classify(what):
    connection.request("POST", "/v1/classify", json.dumps({"model": model, "input": what, "top_k": 1}), {"Authorization": "Bearer " + key, "Content-Type": "application/json"})
    answer = connection.getresponse()
    body = answer.read()
    assert answer.status == 200, body
    return json.loads(body)


for text in texts[:20]:
    classify(text)  # the first request starts the worker
times = []
for text in texts[20:320]:
    begun = time.perf_counter()
    classify(text)
    times.append(time.perf_counter() - begun)
times.sort()
print(f"one text: p50 {times[len(times) // 2] * 1000:.1f} ms, p95 {times[int(len(times) * 0.95)] * 1000:.1f} ms")
rows = [texts[i % len(texts)] for i in range(100_000)]
begun = time.perf_counter()
for start in range(0, len(rows), 2000):
    classify(rows[start : start + 2000])
print(f"100,000 texts: {time.perf_counter() - begun:.1f} s")
