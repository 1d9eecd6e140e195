//! Words for people: what happened, then what to do.

use booth::totp::{Code, CodeError};

/// A sentence that says what happened, and one or two that say what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Advice {
    /// What happened.
    pub what: String,
    /// What to do.
    pub todo: String,
}

impl Advice {
    /// The two.
    pub fn new(what: impl Into<String>, todo: impl Into<String>) -> Self {
        Self { what: what.into(), todo: todo.into() }
    }
}

/// The code that somebody typed, check character and all. It is judged here, on the device: the
/// platform does not say early whether a code was right.
///
/// Where one place is to blame, that place is named. The check character alone tells that one is
/// wrong, and not which.
pub fn typed_code(text: &str) -> Result<Code, Advice> {
    const WRONG: &str = "This code is not right.";
    const PLACES: [&str; 7] = ["first", "second", "third", "fourth", "fifth", "sixth", "seventh"];
    let error = match Code::from_typed(text) {
        Ok(code) => return Ok(code),
        Err(error) => error,
    };
    let typed: Vec<char> =
        text.chars().filter(|found| !found.is_whitespace() && *found != '-').collect();
    let unfit = typed.iter().zip(PLACES).enumerate().find(|(at, (found, _))| {
        let is_check = *at == 6 && found.eq_ignore_ascii_case(&'A');
        !found.is_ascii_digit() && !is_check
    });
    let todo = match (unfit, typed.len()) {
        (Some((6, _)), _) => "The seventh character is a digit or the letter A.".to_owned(),
        (Some((_, (_, place))), _) => format!("Check the {place} digit."),
        (None, 6) => "The seventh character is missing: it stands apart, at the end.".to_owned(),
        (None, 7) if error == CodeError::Check => {
            "One digit or more is wrong: compare each with the screen in the booth.".to_owned()
        }
        (None, found) => format!("It has seven characters, and you typed {found}."),
    };
    Err(Advice::new(WRONG, todo))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_code_is_told_by_its_place() {
        for text in ["2639176", "263 917 6", "263-917-6"] {
            assert_eq!(typed_code(text).unwrap().to_string(), "263917", "{text}");
        }
        let todo = |text: &str| typed_code(text).unwrap_err().todo;
        assert_eq!(todo("26x9176"), "Check the third digit.");
        assert_eq!(
            todo("263917"),
            "The seventh character is missing: it stands apart, at the end."
        );
        assert_eq!(todo("263917x"), "The seventh character is a digit or the letter A.");
        assert!(todo("2639177").starts_with("One digit or more"));
        assert!(todo("263917A").starts_with("One digit or more"));
        assert_eq!(todo("2639"), "It has seven characters, and you typed 4.");
        assert_eq!(todo("26391766"), "It has seven characters, and you typed 8.");
        assert_eq!(todo(""), "It has seven characters, and you typed 0.");
    }
}
