"""Writes accept.json, other-layout.json and refuse.json.

Needs Python 3 and the `rfc8785` package, which gives the canonical forms; nothing here uses the
product. In the texts below `@@` marks the byte that has to be named; it is taken out.
"""

import json

import rfc8785

MARK = b"@@"
LIMIT = 9007199254740991


def nested(levels, open_="[", close="]", core=""):
    return open_ * levels + core + close * levels


def case(name, text, **more):
    data = text if isinstance(text, bytes) else text.encode()
    at = data.find(MARK)
    data = data.replace(MARK, b"", 1)
    try:
        form = {"text": data.decode()}
    except UnicodeDecodeError:
        form = {"hex": data.hex()}
    place = {} if at < 0 else {"offset": at}
    return {"name": name} | form | place | more


def write(name, cases):
    names = [each["name"] for each in cases]
    assert len(set(names)) == len(names), [each for each in names if names.count(each) > 1]
    with open(name, "w") as out:
        out.write("[\n" + ",\n".join(json.dumps(each) for each in cases) + "\n]\n")


# Texts of RFC 8785 and of its authors' test data, less what holds a fraction or an exponent.
PUBLISHED = [
    ("RFC 8785, 3.2.3: order of names", r'''{
  "\u20ac": "Euro Sign",
  "\r": "Carriage Return",
  "\ufb33": "Hebrew Letter Dalet With Dagesh",
  "1": "One",
  "\ud83d\ude00": "Emoji: Grinning Face",
  "\u0080": "Control",
  "\u00f6": "Latin Small Letter O With Diaeresis"
}'''),
    ("RFC 8785, 3.2.2: strings and literals", r'''{
  "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
  "literals": [null, true, false]
}'''),
    ("arrays.json", '[\n  56,\n  {\n    "d": true,\n    "10": null,\n    "1": [ ]\n  }\n]\n'),
    ("french.json", '''{
  "peach": "This sorting order",
  "péché": "is wrong according to French",
  "pêche": "but canonicalization MUST",
  "sin":   "ignore locale"
}'''),
    ("structures.json, with 56 for 56.0", r'''{
  "1": {"f": {"f": "hi","F": 5} ,"\n": 56},
  "10": { },
  "": "empty",
  "a": { },
  "111": [ {"e": "yes","E": "no" } ],
  "A": { }
}'''),
    ("unicode.json", r'{ "Unnormalized Unicode":"A\u030a" }'),
    ("weird.json", r'''{
  "\u20ac": "Euro Sign",
  "\r": "Carriage Return",
  "\u000a": "Newline",
  "1": "One",
  "\u0080": "Control\u007f",
  "\ud83d\ude02": "Smiley",
  "\u00f6": "Latin Small Letter O With Diaeresis",
  "\ufb33": "Hebrew Letter Dalet With Dagesh",
  "</script>": "Browser Challenge"
}'''),
]

ACCEPT = [
    ("null", "null"),
    ("true", "true"),
    ("false", "false"),
    ("zero", "0"),
    ("minus one", "-1"),
    ("the greatest integer", str(LIMIT)),
    ("the least integer", str(-LIMIT)),
    ("an empty string", '""'),
    ("an empty array", "[]"),
    ("an empty object", "{}"),
    ("64 levels of arrays", nested(64)),
    ("64 levels of objects", nested(63, '{"":', "}", "{}")),
    ("all escapes in their shortest form", r'"\b\t\n\f\r\"\\"'),
    ("control characters without a short form", r'"\u0000\u0001\u0007\u000b\u000e\u001f"'),
    ("delete is itself", '"\x7f"'),
    ("a solidus is itself", '"a/b"'),
    ("characters of two, three and four bytes", '"é߿ࠀ€\uffff\U00010000\U0010ffff"'),
    ("the characters around the surrogates", '"\ud7ff\ue000"'),
    ("line and paragraph separators are themselves", '"\u2028\u2029"'),
    ("noncharacters are themselves", '"\ufffe\uffff\U0001fffe"'),
    ("a byte order mark within a string", '"\ufeff"'),
    ("an empty name", '{"":0}'),
    ("a name that begins another", '{"a":1,"aa":2}'),
    ("upper case before lower case", '{"B":1,"a":2}'),
    ("digits in order of their characters", '{"1":1,"10":2,"2":3}'),
    ("an escaped control character before a space", '{"\\u001f":1," ":2}'),
    ("a quotation mark between its neighbours", '{"!":1,"\\"":2,"#":3}'),
    ("a backslash between its neighbours", '{"[":1,"\\\\":2,"]":3}'),
    ("surrogate pairs before U+E000", '{"\U0001f600":1,"\ue000":2}'),
    ("surrogate pairs before U+FFFF", '{"\U0010ffff":1,"\uffff":2}'),
    ("U+D7FF before a surrogate pair", '{"\ud7ff":1,"\U00010000":2}'),
    ("order after a common beginning beyond ASCII", '{"é\U00010000":1,"é\ue000":2}'),
    ("equal names in different objects", '[{"a":1},{"a":2},{"b":{"b":3}}]'),
]

# Legal, but not canonical: the reader of strict JSON takes it, the reader of artifacts does not.
LAYOUT = [
    ("a space in front", "@@ 0", "white-space"),
    ("a line feed behind", "0@@\n", "white-space"),
    ("a tab after a bracket", "[@@\t0]", "white-space"),
    ("a space before a comma", "[0@@ ,1]", "white-space"),
    ("a space after a comma", "[0,@@ 1]", "white-space"),
    ("a space before a closing bracket", "[0@@ ]", "white-space"),
    ("a space within an empty array", "[@@ ]", "white-space"),
    ("a carriage return after a brace", '{@@\r"a":0}', "white-space"),
    ("a space before a colon", '{"a"@@ :0}', "white-space"),
    ("a space after a colon", '{"a":@@ 0}', "white-space"),
    ("a space before a name", '{"a":0,@@ "b":0}', "white-space"),
    ("a space before a closing brace", '{"a":0@@ }', "white-space"),
    ("names out of order", '{"b":0,@@"a":0}', "order"),
    ("the third name out of order", '{"a":0,"c":0,@@"b":0}', "order"),
    ("a longer name before its beginning", '{"aa":0,@@"a":0}', "order"),
    ("order of code points instead of code units", '{"\ue000":0,@@"\U0001f600":0}', "order"),
    ("escaped name out of order", '{" ":0,@@"\\n":0}', "order"),
    ("names out of order in an inner object", '[{"x":{"b":0,@@"a":0}}]', "order"),
    ("an escaped solidus", r'"@@\/"', "spelling"),
    ("an escaped letter", r'"@@\u0041"', "spelling"),
    ("an escaped euro sign", r'"@@\u20ac"', "spelling"),
    ("an escaped surrogate pair", r'"@@\ud83d\ude00"', "spelling"),
    ("an escaped delete", r'"@@\u007f"', "spelling"),
    ("a line feed by its number", r'"@@\u000a"', "spelling"),
    ("a backspace by its number", r'"@@\u0008"', "spelling"),
    ("a tab by its number", r'"@@\u0009"', "spelling"),
    ("a form feed by its number", r'"@@\u000c"', "spelling"),
    ("a carriage return by its number", r'"@@\u000d"', "spelling"),
    ("a quotation mark by its number", r'"@@\u0022"', "spelling"),
    ("a backslash by its number", r'"@@\u005c"', "spelling"),
    ("hexadecimal digits in upper case", r'"@@\u001F"', "spelling"),
    ("an escaped name", r'{"@@\u0061":0}', "spelling"),
]

REFUSE = [
    ("nothing", "@@", "unexpected", "a text holds one value"),
    ("white space only", " \n@@", "unexpected", "a text holds one value"),
    ("a byte order mark", b"@@\xef\xbb\xbf{}", "byte-order-mark", "UTF-8 needs none, and it would change the digest"),
    ("UTF-16", b'@@\xff\xfe"\x00a\x00"\x00', "unexpected", "only UTF-8 is read"),
    ("two values", "0 @@1", "trailing", "a text holds one value"),
    ("a bracket too many", "[]@@]", "trailing", "a text holds one value"),
    ("a zero byte behind", b"{}@@\x00", "trailing", "a text holds one value"),
    ("a form feed in front", b"@@\x0c0", "unexpected", "white space is space, tab, line feed, carriage return"),
    ("a no-break space", "[@@\u00a00]", "unexpected", "white space is space, tab, line feed, carriage return"),
    ("a comment", "@@// note\n0", "unexpected", "JSON has no comments"),
    ("a word that is none", "@@nul", "unexpected", "null, true, false"),
    ("a word in upper case", "@@True", "unexpected", "null, true, false"),
    ("a word with a tail", "null@@l", "trailing", "null, true, false"),
    ("NaN", "@@NaN", "unexpected", "JSON has no such number"),
    ("Infinity", "@@Infinity", "unexpected", "JSON has no such number"),
    ("an open array", "[0@@", "unexpected", "cut off"),
    ("an open object", '{"a":0@@', "unexpected", "cut off"),
    ("an open string", '"abc@@', "unexpected", "cut off"),
    ("a name without a value", '{"a"@@}', "unexpected", "cut off"),
    ("a colon without a value", '{"a":@@}', "unexpected", "cut off"),
    ("an array closed as an object", "[0@@}", "unexpected", "brackets pair up"),
    ("an object closed as an array", '{"a":0@@]', "unexpected", "brackets pair up"),
    ("a trailing comma in an array", "[0,@@]", "unexpected", "JSON has none"),
    ("a trailing comma in an object", '{"a":0,@@}', "unexpected", "JSON has none"),
    ("a leading comma", "[@@,0]", "unexpected", "JSON has none"),
    ("two commas", "[0,@@,1]", "unexpected", "JSON has no holes"),
    ("no comma", "[0 @@1]", "unexpected", "values are separated"),
    ("a name without quotation marks", "{@@a:0}", "unexpected", "names are strings"),
    ("a name in single quotation marks", "{@@'a':0}", "unexpected", "names are strings"),
    ("a number as a name", "{@@1:0}", "unexpected", "names are strings"),
    ("a name twice", '{"a":0,@@"a":1}', "duplicate-name", "readers differ about which counts"),
    ("a name twice with the same value", '{"a":0,@@"a":0}', "duplicate-name", "readers differ about which counts"),
    ("a name twice, once escaped", r'{"a":0,@@"\u0061":1}', "duplicate-name", "an escape is the same name"),
    ("a name twice, escaped first", r'{"\u0061":0,@@"a":1}', "duplicate-name", "an escape is the same name"),
    ("a name twice beyond ASCII", r'{"é":0,@@"\u00e9":1}', "duplicate-name", "an escape is the same name"),
    ("a name twice as a surrogate pair", r'{"😀":0,@@"\ud83d\ude00":1}', "duplicate-name", "an escape is the same name"),
    ("a name twice with others between", '{"a":0,"b":0,@@"a":1}', "duplicate-name", "readers differ about which counts"),
    ("a name twice within", '[{"x":{"a":0,@@"a":1}}]', "duplicate-name", "readers differ about which counts"),
    ("an empty name twice", '{"":0,@@"":1}', "duplicate-name", "readers differ about which counts"),
    ("minus zero", "@@-0", "negative-zero", "0 has one spelling"),
    ("minus zero in an array", "[0,@@-0]", "negative-zero", "0 has one spelling"),
    ("a fraction that is none", "@@1.0", "not-integer", "integers have one spelling"),
    ("a fraction", "@@0.03", "not-integer", "decimals travel as strings"),
    ("minus zero with a fraction", "@@-0.0", "not-integer", "0 has one spelling"),
    ("an exponent", "@@1e2", "not-integer", "integers have one spelling"),
    ("an exponent in upper case", "@@1E2", "not-integer", "integers have one spelling"),
    ("a negative exponent", "@@1e-2", "not-integer", "decimals travel as strings"),
    ("an exponent of zero", "@@0e0", "not-integer", "integers have one spelling"),
    ("2^53", "@@9007199254740992", "integer-range", "from here on two integers are one double"),
    ("-2^53", "@@-9007199254740992", "integer-range", "from here on two integers are one double"),
    ("2^53 + 1", "@@9007199254740993", "integer-range", "the same double as 2^53"),
    ("2^63", "@@9223372036854775808", "integer-range", "beyond 64 bits"),
    ("2^64", "@@18446744073709551616", "integer-range", "beyond 64 bits"),
    ("forty digits", "@@" + "1" * 40, "integer-range", "beyond 64 bits"),
    ("a leading zero", "@@01", "leading-zero", "integers have one spelling"),
    ("two zeros", "@@00", "leading-zero", "integers have one spelling"),
    ("a leading zero after a sign", "@@-01", "leading-zero", "integers have one spelling"),
    ("a plus sign", "@@+1", "unexpected", "JSON has none"),
    ("a sign alone", "@@-", "unexpected", "a number has digits"),
    ("two signs", "@@--1", "unexpected", "a number has one sign"),
    ("a point in front", "@@.5", "unexpected", "JSON has no such number"),
    ("a point behind", "@@1.", "not-integer", "JSON has no such number"),
    ("hexadecimal", "0@@x10", "trailing", "JSON has no such number"),
    ("a high surrogate", r'"@@\ud800"', "lone-surrogate", "half a character"),
    ("a low surrogate", r'"@@\udc00"', "lone-surrogate", "half a character"),
    ("a high surrogate before a letter", r'"@@\ud83dA"', "lone-surrogate", "half a character"),
    ("two high surrogates", r'"@@\ud83d\ud83d"', "lone-surrogate", "half a character"),
    ("a pair in the wrong order", r'"@@\ude00\ud83d"', "lone-surrogate", "half a character"),
    ("a high surrogate before another escape", r'"@@\ud83d\n"', "lone-surrogate", "half a character"),
    ("a lone surrogate in a name", r'{"@@\udead":0}', "lone-surrogate", "half a character"),
    ("a surrogate in UTF-8", b'"@@\xed\xa0\x80"', "utf8", "UTF-8 has no surrogates"),
    ("a pair of surrogates in UTF-8 (CESU-8)", b'"@@\xed\xa0\xbd\xed\xb8\x80"', "utf8", "UTF-8 has no surrogates"),
    ("an overlong solidus", b'"@@\xc0\xaf"', "utf8", "overlong: a second spelling"),
    ("an overlong zero", b'"@@\xc0\x80"', "utf8", "overlong: a second spelling"),
    ("an overlong form of two bytes at its end", b'"@@\xc1\xbf"', "utf8", "overlong: a second spelling"),
    ("an overlong form of three bytes", b'"@@\xe0\x9f\xbf"', "utf8", "overlong: a second spelling"),
    ("an overlong form of four bytes", b'"@@\xf0\x8f\xbf\xbf"', "utf8", "overlong: a second spelling"),
    ("beyond U+10FFFF", b'"@@\xf4\x90\x80\x80"', "utf8", "Unicode ends there"),
    ("a lead byte that does not exist", b'"@@\xf5\x80\x80\x80"', "utf8", "Unicode ends before"),
    ("the byte 0xff", b'"@@\xff"', "utf8", "never in UTF-8"),
    ("a continuation byte alone", b'"a@@\x80"', "utf8", "nothing to continue"),
    ("two bytes cut to one", b'"@@\xc3"', "utf8", "cut off"),
    ("three bytes cut to two", b'"@@\xe2\x82"', "utf8", "cut off"),
    ("four bytes cut to three", b'"@@\xf0\x9f\x98"', "utf8", "cut off"),
    ("cut off at the end of the text", b'"@@\xe2\x82', "utf8", "cut off"),
    ("broken UTF-8 in a name", b'{"@@\xff":0}', "utf8", "never in UTF-8"),
    ("broken UTF-8 after eight plain characters", b'"12345678@@\xff"', "utf8", "never in UTF-8"),
    ("a line feed in a string", '"a@@\n"', "control", "has to be escaped"),
    ("a tab in a string", '"@@\t"', "control", "has to be escaped"),
    ("a zero byte in a string", b'"@@\x00"', "control", "has to be escaped"),
    ("0x1f in a string", b'"1234567@@\x1f"', "control", "has to be escaped"),
    ("a control character in a name", b'{"@@\x01":0}', "control", "has to be escaped"),
    ("an unknown escape", r'"@@\x41"', "escape", "JSON has no such escape"),
    ("an escaped apostrophe", r'''"@@\'"''', "escape", "JSON has no such escape"),
    ("an escaped line feed", '"@@\\\n"', "escape", "JSON has no such escape"),
    ("an escape in upper case", r'"@@\N"', "escape", "JSON has no such escape"),
    ("an escape of three digits", r'"@@\u004"', "escape", "four digits"),
    ("an escape with a letter too far", r'"@@\u004g"', "escape", "four hexadecimal digits"),
    ("an escape with a sign", r'"@@\u+041"', "escape", "four hexadecimal digits"),
    ("an escape in braces", r'"@@\u{41}"', "escape", "four hexadecimal digits"),
    ("an escape cut off", '"@@\\', "escape", "cut off"),
    ("a number cut off within an escape", '"@@\\u00', "escape", "cut off"),
    ("65 levels of arrays", "[" * 64 + "@@" + nested(1) + "]" * 64, "too-deep", "a limit that all readers share"),
    ("65 levels of objects", '{"":' * 64 + "@@{}" + "}" * 64, "too-deep", "a limit that all readers share"),
    ("1,000 open brackets", "[" * 64 + "@@" + "[" * 936, "too-deep", "no stack may overflow"),
]

write(
    "accept.json",
    [case(name, text, canonical=rfc8785.dumps(json.loads(text)).decode()) for name, text in PUBLISHED]
    + [case(name, text, canonical=text) for name, text in ACCEPT],
)
for name, text in ACCEPT:
    assert rfc8785.dumps(json.loads(text)).decode() == text, name
write(
    "other-layout.json",
    [
        case(name, text, fault=fault, canonical=rfc8785.dumps(json.loads(text.replace("@@", ""))).decode())
        for name, text, fault in LAYOUT
    ],
)
write("refuse.json", [case(name, text, fault=fault, why=why) for name, text, fault, why in REFUSE])
