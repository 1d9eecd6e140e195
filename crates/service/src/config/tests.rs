use super::*;
use serde::Deserialize;

#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Example {
    listen: String,
    #[serde(default)]
    limits: Inner,
}

#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Inner {
    connections: u32,
}

fn read(text: &str, flags: &[Override]) -> Result<Example, String> {
    decode(Path::new("log.toml"), text, flags).map_err(|error| error.to_string())
}

#[test]
fn flags_override_the_file() {
    let text = "listen = \"a:1\"\n[limits]\nconnections = 4\n";
    let flags = [Override::new("listen", "b:2"), Override::new("limits.connections", 9)];
    let expected = Example { listen: "b:2".into(), limits: Inner { connections: 9 } };
    assert_eq!(read(text, &flags).unwrap(), expected);
}

#[test]
fn a_flag_supplies_what_the_file_lacks() {
    let read = read("", &[Override::new("listen", "b:2")]).unwrap();
    assert_eq!(read.listen, "b:2");
}

#[test]
fn an_unknown_key_is_refused_with_its_line() {
    let text = "listen = \"a:1\"\n\n[limits]\nconections = 4\n";
    let error = read(text, &[]).unwrap_err();
    assert!(error.starts_with("log.toml:4: unknown field `conections`"), "{error}");
}

#[test]
fn a_wrong_type_is_refused_with_its_line() {
    let error = read("\nlisten = 5\n", &[]).unwrap_err();
    assert!(error.starts_with("log.toml:2: invalid type: integer"), "{error}");
}

#[test]
fn a_broken_file_is_refused_with_its_line() {
    let error = read("listen = \"a\"\nlisten = \"b\"\n", &[]).unwrap_err();
    assert!(error.starts_with("log.toml:2: duplicate key"), "{error}");
}

#[test]
fn a_missing_key_is_named() {
    let error = read("[limits]\nconnections = 1\n", &[]).unwrap_err();
    assert_eq!(error, "log.toml: missing field `listen`");
}

#[test]
fn a_flag_of_the_wrong_type_is_refused() {
    let text = "listen = \"a:1\"\n";
    let error = read(text, &[Override::new("limits", 3)]).unwrap_err();
    assert!(error.contains("invalid type"), "{error}");
    let error = read(text, &[Override::new("listen.deep", 3)]).unwrap_err();
    assert_eq!(error, "cannot set listen.deep: listen is not a table");
}

#[test]
fn a_missing_file_is_an_error() {
    let error = load::<Example>(Path::new("/nonexistent/log.toml"), &[]).unwrap_err();
    assert!(matches!(error, ConfigError::Read { .. }));
}

#[cfg(unix)]
#[test]
fn a_secret_file_must_be_private() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("passphrase");
    std::fs::write(&path, "correct horse\n").unwrap();
    let secret = Secret::File("passphrase".into());
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
    let error = secret.read(folder.path()).unwrap_err();
    assert!(matches!(error, SecretError::Open { mode: 0o640, .. }), "{error}");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    assert_eq!(*secret.read(folder.path()).unwrap(), b"correct horse");
    std::fs::write(&path, "\n").unwrap();
    assert!(matches!(secret.read(folder.path()).unwrap_err(), SecretError::Empty));
}

#[test]
fn an_unset_variable_is_an_error() {
    let error = Secret::Env("SCRUTINEER_NO_SUCH_NAME".into()).read(Path::new(".")).unwrap_err();
    assert!(matches!(error, SecretError::Unset(_)));
}
