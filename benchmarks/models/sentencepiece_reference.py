"""Makes small SentencePiece models, and what the reference (Debian's python3-sentencepiece, 0.1.97) cuts lines into.

  sentencepiece_reference.py LINES OUTPUT   LINES: a JSON list of texts
"""

import base64
import io
import json
import random
import sys
import tempfile

import sentencepiece as sp
lines = json.load(open(sys.argv[1]))
words = "the card was lost refund exchange rate of my account is not here please send it again I cannot pay with this new one today transfer money fee charge why how when where which would could should café naïve über Straße schön Привет мир карта деньги سلام دنیا کارت پول 北京 大学 東京 カード お金 don't it's they've 12 345 6789 3.14 50%".split()
r = random.Random(5)
words += ["".join(r.choice("ka ro mi te lu sha ver ing ed con pre an is ob".split()) for _ in range(r.randint(2, 4))) for _ in range(500)]
corpus = [" ".join(r.choice(words) for _ in range(r.randint(3, 12))) for _ in range(3000)]
rules = tempfile.NamedTemporaryFile("w", suffix=".tsv", encoding="utf-8")
rules.write("".join("%s\t%s\n" % (" ".join("%X" % ord(c) for c in a), " ".join("%X" % ord(c) for c in b)) for a, b in [("ﬁ", "fi"), ("Ａ", "A"), ("\u00a0", " "), ("\u3000", " "), ("\t", " "), ("\n", " "), ("e\u0301", "é"), ("\u200b", ""), ("½", "1/2"), ("É", "é"), ("...", "…"), ("..", "‥"), ("İ", "i"), ("\u0001", "")]))
rules.flush()


def number(n):
    out = b""
    while n > 127: out += bytes([n & 127 | 128]); n >>= 7
    return out + bytes([n])

def unuse(model, every):
    """Marks some pieces as never to be given out."""
    at, out, k = 0, b"", 0
    while at < len(model):
        assert model[at] & 7 == 2
        tag = model[at:at+1]; at += 1; n = s = 0
        while True:
            b = model[at]; at += 1; n |= (b & 127) << s; s += 7
            if b < 128: break
        body = model[at:at+n]; at += n
        if tag == b"\x0a":
            k += 1
            if k > 280 and k % every == 0: body += b"\x18\x05"
        out += tag + number(len(body)) + body
    return out

common = dict(vocab_size=500, character_coverage=0.995, hard_vocab_limit=False, minloglevel=2, num_threads=1, pad_id=-1)
kinds = {
 "unigram": dict(model_type="unigram", normalization_rule_tsv=rules.name),
 "unigram-bytes": dict(model_type="unigram", normalization_rule_name="identity", byte_fallback=True, user_defined_symbols=["<sep>", "  ", "▁▁", "card"], control_symbols=["<ctl>"], remove_extra_whitespaces=False, vocab_size=600),
 "bpe": dict(model_type="bpe", normalization_rule_tsv=rules.name),
 "bpe-bytes": dict(model_type="bpe", normalization_rule_name="identity", byte_fallback=True, remove_extra_whitespaces=False, vocab_size=650, split_digits=True),
 "bpe-user": dict(model_type="bpe", normalization_rule_name="identity", byte_fallback=True, user_defined_symbols=["<sep>", "▁▁", "▁▁▁▁", "refund", "é"], add_dummy_prefix=False, remove_extra_whitespaces=False, vocab_size=650),
 "unigram-suffix": dict(model_type="unigram", normalization_rule_tsv=rules.name, treat_whitespace_as_suffix=True, user_defined_symbols=["ﬁ"]),
}
out = {}
for name, options in kinds.items():
    writer = io.BytesIO()
    sp.SentencePieceTrainer.train(sentence_iterator=iter(corpus), model_writer=writer, **{**common, **options, **({"hard_vocab_limit": True} if options["model_type"] == "bpe" else {})})
    variants = {name: writer.getvalue()}
    if name in ("bpe-bytes", "unigram"): variants[name + "-unused"] = unuse(writer.getvalue(), 3)
    for n, model in variants.items():
        p = sp.SentencePieceProcessor(model_proto=model)
        out[n] = {"model": base64.b64encode(model).decode(), "ids": [p.encode(l) for l in lines], "texts": [p.decode(p.encode(l)) for l in lines]}
        print(n, len(model), file=sys.stderr)
json.dump({"lines": lines, "models": out}, open(sys.argv[2], "w"), ensure_ascii=False)
