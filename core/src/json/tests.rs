use proptest::prelude::*;
use serde_json::value::RawValue;

use super::scan::{MAX_DEPTH, Scanner};
use super::*;

/// What `serde_json` says of a text that it need not understand, as we say it. It has no limit on
/// depth then.
fn by_serde(text: &str) -> Option<&str> {
    serde_json::from_str::<&RawValue>(text)
        .ok()
        .map(RawValue::get)
}

fn by_us(text: &str) -> Option<String> {
    Json::parse(text).ok().map(|json| json.as_str().to_owned())
}

/// The string that a JSON string means.
fn meaning(text: &str) -> Option<String> {
    let mut scanner = Scanner::new(text);
    let string = scanner.string()?;
    scanner.end()?;
    string.unescape().map(|text| text.into_owned())
}

#[test]
fn accepted() {
    for text in [
        "null",
        "true",
        "false",
        "0",
        "-0",
        "-0.0",
        "10",
        "1.5e+10",
        "1E-2",
        "1e999",
        "123456789012345678901234567890",
        r#""""#,
        r#""a\"\\\/\b\f\n\r\t\u00e9""#,
        r#""\ud83d\ude00""#,
        r#""\ud800""#,
        "\"\u{7f}é😀\"",
        "[]",
        "[ ]",
        "{}",
        "{ }",
        r#"{"a":{"b":[1,[],{}]},"a":2}"#,
        "[1 , 2\n,\t3\r]",
    ] {
        assert_eq!(by_us(text).as_deref(), Some(text));
        assert_eq!(by_serde(text), Some(text));
        assert_eq!(by_us(&format!(" \n\t\r{text} ")).as_deref(), Some(text));
    }
}

#[test]
fn refused() {
    for text in [
        "",
        " ",
        "nul",
        "nulll",
        "True",
        "NaN",
        "+1",
        "-",
        "01",
        "-01",
        "1.",
        ".5",
        "1e",
        "1e+",
        "0x1",
        "1 2",
        "'a'",
        "\"",
        "\"a",
        "\"\\",
        "\"\\\"",
        r#""\x""#,
        r#""\u12""#,
        r#""\u12g4""#,
        r#""\u00é9""#,
        "\"\n\"",
        "\"\u{0}\"",
        "\"long enough for a word\u{1f}\"",
        "[",
        "]",
        "[1",
        "[1,",
        "[1,]",
        "[,1]",
        "[1 2]",
        "[1}",
        "{",
        "}",
        "{1:2}",
        "{a:1}",
        r#"{"a"}"#,
        r#"{"a":}"#,
        r#"{"a":1,}"#,
        r#"{,"a":1}"#,
        r#"{"a":1]"#,
        r#"{"a" 1}"#,
        r#"{"a":1 "b":2}"#,
        "\u{feff}1",
        "\u{a0}1",
        "1\u{b}",
        "// no\n1",
    ] {
        assert_eq!(by_us(text), None, "{text}");
        assert_eq!(by_serde(text), None, "{text}");
    }
}

#[test]
fn depth() {
    let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
    assert!(Json::parse(nested(MAX_DEPTH as usize)).is_ok());
    let error = Json::parse(nested(MAX_DEPTH as usize + 1)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "invalid JSON at byte 129: it is nested too deeply"
    );
    let objects = |depth: usize| r#"{"a":"#.repeat(depth) + "1" + &"}".repeat(depth);
    assert!(Json::parse(objects(128)).is_ok());
    assert!(Json::parse(objects(129)).is_err());
    // Siblings are not deeper.
    assert!(Json::parse(format!("[{}[]]", "[[]],".repeat(1000))).is_ok());
    assert!(Json::parse("[".repeat(1_000_000)).is_err());
    // Every mixture of arrays and objects is closed as it was opened.
    let mixed = r#"[{"a":"#.repeat(64) + "0" + &"}]".repeat(64);
    assert!(Json::parse(mixed).is_ok());
    let mixed = r#"[{"a":"#.repeat(63) + "[[0]}" + &"}]".repeat(63);
    assert!(Json::parse(mixed).is_err());
}

/// What is left of a text behind the value that stands at its beginning, found by brackets alone.
fn skimmed(text: &str) -> Option<&str> {
    let mut scanner = Scanner::new(text);
    let value = scanner.skim()?;
    scanner.end().map(|()| value)
}

#[test]
fn skimming_finds_the_end() {
    let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
    assert!(skimmed(&nested(MAX_DEPTH as usize)).is_some());
    assert!(skimmed(&nested(MAX_DEPTH as usize + 1)).is_none());
    assert!(skimmed(&"[".repeat(1_000_000)).is_none());
    assert!(skimmed(&format!("[{}[]]", "[[]],".repeat(1000))).is_some());
    for cut in ["[", "{", "[\"]", r#"{"a":"}"#, r#"["\\"]"#, "[[]"] {
        let text = cut.replace("\\\\", "\\");
        assert_eq!(skimmed(&text), None, "{text}");
    }
    // What is neither is looked at closely.
    assert_eq!(skimmed("01"), None);
    // Wherever the blocks end: quotes, escapes and brackets within strings are none.
    for padding in 0..130 {
        let pad = "x".repeat(padding);
        for string in [
            r#"\""#,
            r"\\",
            r#"\\\""#,
            r#"}]\"{["#,
            r"\\\\",
            r"]\u005c\\",
        ] {
            let value = format!(r#"{{"a{pad}":["{string}",{{}}],"b":"[{pad}{string}"}}"#);
            let text = format!("{value} ]");
            let mut scanner = Scanner::new(&text);
            assert_eq!(scanner.skim(), Some(value.as_str()));
            assert_eq!(by_serde(&value), Some(value.as_str()));
        }
    }
}

#[test]
fn once_reading_has_stopped_nothing_is_found() {
    let mut scanner = Scanner::new(r#"{"a" [1, "c"], "b": 2}"#);
    assert_eq!(scanner.open_object(), Some(()));
    assert!(scanner.another(true));
    assert!(scanner.string().is_some_and(|key| key.is("a")));
    // Here stands a value, but no colon.
    assert_eq!(scanner.colon(), None);
    let stopped = scanner.why().cloned();
    assert_eq!(stopped.as_ref().map(InvalidJson::offset), Some(5));
    assert_eq!(scanner.value(), None);
    assert_eq!(scanner.skim(), None);
    assert_eq!(scanner.open_array(), None);
    assert!(!scanner.element(false) && !scanner.another(false));
    assert!(scanner.string().is_none());
    assert_eq!(scanner.why().cloned(), stopped);
}

#[test]
fn slices_are_not_copies() {
    let text = ByteString::from(String::from("  [1, 2]  "));
    let json = Json::parse(text.clone()).unwrap();
    assert_eq!(json.as_str().as_ptr(), text[2..].as_ptr());
    assert_eq!(json.into_text(), "[1, 2]");
}

#[test]
fn errors_say_where() {
    let error = Json::parse(r#"{"a": 01}"#).unwrap_err();
    assert_eq!(error.offset(), 7);
    assert_eq!(
        error.to_string(),
        "invalid JSON at byte 7: `,` or `}` was expected"
    );
}

#[test]
fn unescaped() {
    for (text, meant) in [
        (r#""""#, Some("")),
        (r#""plain""#, Some("plain")),
        (r#""\"\\\/\b\f\n\r\t""#, Some("\"\\/\u{8}\u{c}\n\r\t")),
        (r#""a\u00e9\u0041b""#, Some("aéAb")),
        (r#""\uD83D\uDE00!""#, Some("😀!")),
        (r#""\u0000""#, Some("\0")),
        (r#""\ud83d""#, None),
        (r#""\ud83dx""#, None),
        (r#""\ud83d\n""#, None),
        (r#""\ud83d\ud83d""#, None),
        (r#""\ude00\ud83d""#, None),
        (r#""\ude00""#, None),
    ] {
        assert_eq!(meaning(text).as_deref(), meant, "{text}");
        assert_eq!(serde_json::from_str::<String>(text).ok().as_deref(), meant);
    }
}

/// Texts that are nearly JSON far more often than chance would have it.
fn nearly_json() -> impl Strategy<Value = String> {
    let token = prop_oneof![
        prop::sample::select(vec![
            "{", "}", "[", "]", ",", ":", "\"", "\\", " ", "\n", "true", "false", "null", "0", "-",
            "1", "9", ".", "e", "E", "+", "\\u", "\\ud83d", "\\ude00", "\\n", "\"a\"", "\"a\":",
            "{}", "[]", "\u{1}", "é", "abcdefgh", "\u{feff}",
        ])
        .prop_map(str::to_owned),
        any::<char>().prop_map(String::from),
    ];
    prop::collection::vec(token, 0..24).prop_map(|tokens| tokens.concat())
}

fn json_value() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        any::<f64>().prop_map(Into::into),
        any::<String>().prop_map(Into::into),
    ];
    leaf.prop_recursive(5, 40, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Into::into),
            prop::collection::vec((any::<String>(), inner), 0..6)
                .prop_map(|fields| serde_json::Value::Object(fields.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn accepts_what_serde_json_accepts(text in nearly_json()) {
        let ours = by_us(&text);
        prop_assert_eq!(ours.as_deref(), by_serde(&text));
        // What is JSON is found whole, and what is found is right where it is JSON.
        let by_brackets = skimmed(&text).filter(|value| by_serde(value).is_some());
        prop_assert_eq!(by_brackets, by_serde(&text));
    }

    #[test]
    fn any_text(text in any::<String>()) {
        let ours = by_us(&text);
        prop_assert_eq!(ours.as_deref(), by_serde(&text));
    }

    #[test]
    fn strings_mean_what_serde_json_says(text in nearly_json()) {
        let text = format!("\"{text}\"");
        prop_assert_eq!(meaning(&text), serde_json::from_str::<String>(&text).ok());
    }

    #[test]
    fn strings_come_back(text in any::<String>()) {
        let json = Json::string(&text);
        prop_assert_eq!(meaning(json.as_str()), Some(text.clone()));
        prop_assert_eq!(serde_json::from_str::<String>(json.as_str()).unwrap(), text);
    }
}

proptest! {
    #[test]
    fn valid_values(value in json_value(), pretty: bool) {
        let text = if pretty { format!("{value:#}") } else { value.to_string() };
        prop_assert_eq!(skimmed(&text), Some(text.as_str()));
        prop_assert_eq!(by_us(&text), Some(text));
    }

    #[test]
    fn broken_values(value in json_value(), at: prop::sample::Index, with: char) {
        let mut text: Vec<char> = value.to_string().chars().collect();
        let at = at.index(text.len());
        text[at] = with;
        let text = String::from_iter(text);
        let ours = by_us(&text);
        prop_assert_eq!(ours.as_deref(), by_serde(&text));
    }
}
