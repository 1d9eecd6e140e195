"""Writes card.png, the QR code of Figure 11, and other.png (pip install segno)."""

import json
import pathlib

import segno

HERE = pathlib.Path(__file__).parent
TOKEN = json.loads((HERE / "card.json").read_text())["token"]
CODE = segno.make_qr(bytes.fromhex(TOKEN), error="h", mode="byte", boost_error=False)
assert CODE.designator == "11-H", CODE.designator
CODE.save(HERE / "card.png", scale=4, border=4)
segno.make_qr("other bytes", error="h").save(HERE / "other.png", scale=4, border=4)
