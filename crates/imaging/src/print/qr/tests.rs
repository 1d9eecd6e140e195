use super::*;

#[test]
fn a_mandate_takes_version_11_whatever_its_bytes() {
    for byte in [0, b'7', b'A', 255] {
        assert_eq!(Modules::of(&[byte; 120]).unwrap().side(), 61);
    }
}

#[test]
fn what_does_not_fit_is_refused() {
    assert_eq!(Modules::of(&[7; 1273]).unwrap().side(), 177);
    assert!(matches!(Modules::of(&[7; 1274]), Err(PrintError::Code { bytes: 1274 })));
}

/// A point is dark if the outlines wind around it: counted along a ray, as a printer does.
#[test]
fn the_outlines_enclose_the_dark_modules_and_nothing_else() {
    let modules = Modules::of(b"ink to data and back").unwrap();
    let outlines = modules.outlines();
    for outline in &outlines {
        assert!(outline.len() >= 4);
    }
    let side = i32::from(modules.side());
    for row in -1..=side {
        for column in -1..=side {
            let mut crossings = 0;
            for outline in &outlines {
                let next = outline.iter().cycle().skip(1);
                for ((x, y), (x_next, y_next)) in outline.iter().zip(next) {
                    let spans = (*y.min(y_next)..*y.max(y_next)).contains(&row);
                    crossings += usize::from(x == x_next && *x > column && spans);
                }
            }
            assert_eq!(crossings % 2 == 1, modules.is_dark(column, row), "{column} {row}");
        }
    }
}
