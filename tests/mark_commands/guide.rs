//! The recipes of the guide's section about marks do what they say, on the demo's lab.

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
};

use serde_json::Value;

/// The first block below the heading.
fn recipes() -> String {
    let guide = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/guide.md")).unwrap();
    let (_, section) = guide.split_once("\n## Marks\n").unwrap();
    section.split("```").nth(1).unwrap().strip_prefix("sh\n").unwrap().to_owned()
}

fn shell(home: &Path, script: &str) -> (bool, String, String) {
    let path = format!("{}:{}", home.join("programs").display(), std::env::var("PATH").unwrap());
    let mut command = Command::new("sh");
    command.args(["-e", "-c", script]).current_dir(home).stdin(Stdio::null()).env("PATH", path);
    command.env("HOME", home).env("NO_COLOR", "1").env_remove("IVORYLENS_DATA");
    for name in ["XDG_STATE_HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME"] {
        command.env_remove(name);
    }
    let output = command.output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.success(), text(output.stdout), text(output.stderr))
}

#[test]
fn the_recipes_of_the_guide_work() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    fs::create_dir(home.join("programs")).unwrap();
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_ivorylens"), home.join("programs/ivorylens")).unwrap();
    let script = format!("IVORYLENS_DATA=$(ivorylens demo --path)\nexport IVORYLENS_DATA\n{}", recipes());
    let (is_done, out, err) = shell(home, &script);
    assert!(is_done, "{out}{err}");
    let lines: Vec<&str> = out.lines().collect();
    assert!(lines.contains(&"marked 1 record") && out.contains("the pump was dry"), "{out}");
    let found = lines.iter().skip_while(|line| !line.contains("outcome")).nth(1);
    assert!(found.is_some_and(|line| line.contains("58")), "{out}");
    let csv = fs::read_to_string(home.join("bad.csv")).unwrap();
    assert!(csv.starts_with("id,name,submitted_by,start_time,tags,note\n58,"), "{csv}");
    assert!(csv.contains("the pump was dry"), "{csv}");
    let kept = fs::read_to_string(home.join("marks.jsonl")).unwrap();
    let kept: Vec<Value> = kept.lines().map(|line| line.parse().unwrap()).collect();
    assert!(kept.iter().any(|mark| mark["id"] == 58 && mark["verdict"] == "bad"), "{kept:?}");
    assert!(out.contains(" 0 changed"), "{out}");
}
