use super::*;

/// The mandate of the prototype's Figure 11.
fn mandate() -> Mandate {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../vectors/booth/card.json");
    let card: serde_json::Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    Mandate::from_token(card["token"].as_str().unwrap()).unwrap()
}

fn titled(title: &str) -> Result<Page, PrintError> {
    let heading = Heading { title: title.to_owned(), ..Heading::default() };
    lay_out(&mandate(), &heading, &Wording::default())
}

fn texts(page: &Page) -> Vec<&str> {
    let texts = page.marks.iter().filter_map(|mark| match mark {
        Mark::Text { text, .. } => Some(text.as_str()),
        _ => None,
    });
    texts.collect()
}

#[test]
fn a_card_has_its_twelve_lines_and_its_look_up_string() {
    let page = titled("Solar 2026").unwrap();
    let texts = texts(&page);
    let all = texts.join(" ");
    assert!(all.contains("1 Q0C1 E147 7AZR YM3Q N 2 502E DPKV YMA6 F7N2 A"), "{all}");
    assert!(all.contains("12 VA19 166E 46GY J3C9 H"));
    assert!(texts.windows(2).any(|two| two.concat() == "EohkV9iyqvafGVg6f46DKe"));
}

#[test]
fn a_long_title_takes_two_lines_and_a_longer_one_is_refused() {
    let title = "Election of the municipal council of Llanfairpwllgwyngyll, May 2026";
    let page = titled(title).unwrap();
    assert!(texts(&page).windows(2).any(|two| two.join(" ") == title));
    assert!(matches!(titled(&title.repeat(3)), Err(PrintError::TooLong { .. })));
    assert!(matches!(titled(&"m".repeat(60)), Err(PrintError::TooLong { .. })));
}

#[test]
fn a_letter_that_is_in_no_face_is_named() {
    assert!(titled("Łódź, Αθήνα, Київ, Hà Nội: élections").is_ok());
    let refused = titled("選挙");
    assert!(
        matches!(&refused, Err(PrintError::Character { found: '選', at: 1, .. })),
        "{refused:?}"
    );
}

/// Nothing is printed in the margin, where printers do not reach and fingers hold the card.
#[test]
fn nothing_stands_in_the_margin() {
    let heading = Heading {
        title: "Election of the municipal council of Llanfairpwllgwyngyll, May 2026".to_owned(),
        date: "Sunday, 22 November 2026, from seven in the morning to eight".to_owned(),
        number: Some(18_446_744_073_709_551_615),
    };
    let page = lay_out(&mandate(), &heading, &Wording::default()).unwrap();
    let inside = |x: f32, y: f32| {
        assert!((MARGIN - 0.01..=SIZE.0 - MARGIN + 0.01).contains(&x), "{x}");
        assert!((7.0..=SIZE.1 - 7.0).contains(&y), "{y}");
    };
    for mark in &page.marks {
        match mark {
            Mark::Text { face, size, x, y, text } => {
                inside(*x, *y - size);
                inside(x + face.open().unwrap().width(text).unwrap() * size, *y);
            }
            Mark::Bar { x, y, width, height } => {
                inside(*x, *y);
                inside(x + width, y + height);
            }
            Mark::Code { x, y, module, modules } => {
                inside(*x, *y);
                inside(x + module * f32::from(modules.side()), *y);
            }
            other => panic!("{other:?} is no part of a card"),
        }
    }
}
