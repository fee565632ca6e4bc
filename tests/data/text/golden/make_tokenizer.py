"""Prints tokenizer.json anew: what Keras' Tokenizer and pad_sequences make of the texts in it."""

import json
import pathlib

from keras.src.legacy.preprocessing.text import Tokenizer
from keras.utils import pad_sequences

cases = json.loads((pathlib.Path(__file__).parent / "tokenizer.json").read_text(encoding="utf-8"))
texts = cases["texts"]
for case in cases["tokenizer"].values():
    tokenizer = Tokenizer(**case["settings"])
    tokenizer.fit_on_texts(texts)
    case["word_index"] = tokenizer.word_index
    case["sequences"] = tokenizer.texts_to_sequences(texts + [cases["extra"]])
    if case["count_matrix_row_0"] is not None:
        case["count_matrix_row_0"] = tokenizer.texts_to_matrix(texts, mode="count")[0].tolist()
for case in cases["pad_sequences"].values():
    case["result"] = pad_sequences(cases["pad_input"], **case["settings"]).tolist()
print(json.dumps(cases, ensure_ascii=False, separators=(",", ":")), end="")
