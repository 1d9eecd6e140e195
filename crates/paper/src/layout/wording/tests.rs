use super::*;

fn language(tag: &str) -> Language {
    tag.parse().unwrap()
}

#[test]
fn a_kind_of_a_language_has_its_words() {
    let built_in = |tag| Wording::built_in(&language(tag));
    assert_eq!(built_in("es-US"), built_in("es"));
    assert_eq!(built_in("zh"), built_in("zh-Hans"));
    assert_eq!(built_in("zh-TW"), built_in("zh-Hant"));
    assert_eq!(built_in("fil"), built_in("tl"));
    assert_ne!(built_in("zh"), built_in("zh-Hant"));
    assert_eq!(built_in("nv"), None);
}

#[test]
fn dates_are_written_out() {
    let date = "2026-11-03".parse().unwrap();
    let written = |tag| Wording::built_in(&language(tag)).unwrap().date(&date);
    assert_eq!(written("en"), "November 3, 2026");
    assert_eq!(written("es"), "3 de noviembre de 2026");
    assert_eq!(written("vi"), "ngày 3 tháng 11, 2026");
    assert_eq!(written("zh-Hant"), "2026年11月3日");
    assert_eq!(written("ar"), "3 نوفمبر 2026");
}

/// What stands in braces, sorted.
fn places(text: &str) -> Vec<&str> {
    let parts = text.split('{').skip(1);
    let mut places: Vec<&str> = parts.map(|part| part.split('}').next().unwrap()).collect();
    places.sort_unstable();
    places
}

#[test]
fn every_language_has_every_place_and_no_empty_words() {
    for tag in ["ar", "en", "es", "fr", "hi", "ja", "ko", "tl", "vi", "zh-Hans", "zh-Hant"] {
        let words = Wording::built_in(&language(tag)).unwrap();
        for (text, expected) in [
            (&words.date, &["day", "month", "year"][..]),
            (&words.next_sheet, &["sheet"]),
            (&words.page, &["page", "pages"]),
            (&words.rank, &["count"]),
            (&words.style, &["style"]),
            (&words.up_to, &["count"]),
            (&words.one, &[]),
            (&words.fill, &[]),
        ] {
            assert_eq!(places(text), expected, "{tag}: {text}");
        }
        let said = serde_json::to_value(&words).unwrap();
        let texts = said.as_object().unwrap().values();
        let texts = texts.flat_map(|text| match text {
            serde_json::Value::Array(list) => list.clone(),
            text => vec![text.clone()],
        });
        let texts: Vec<String> = texts.map(|text| text.as_str().unwrap().to_owned()).collect();
        assert_eq!(texts.len(), 19 + 12 + 10 + 10);
        assert!(texts.iter().all(|text| !text.trim().is_empty()), "{tag}");
        assert!(texts.iter().all(|text| !text.contains('!')), "{tag}");
    }
}

#[test]
fn given_words_come_before_those_that_are_built_in() {
    let mut words = Wording::built_in(&language("en")).unwrap();
    words.turn = "Over".into();
    let given = Wordings::given([(language("en"), words)].into_iter().collect());
    assert_eq!(given.of(&language("en")).unwrap().turn, "Over");
    assert_eq!(given.of(&language("es")).unwrap().turn, "Dé vuelta a la boleta");
    assert!(given.of(&language("nv")).is_none());
}
