//! Who is logged in, as the trash and marks note it.

use std::ffi::OsString;

use rustix::process::getuid;

use crate::regular_file::read_small;

/// The login name; the number of the user where it has none.
pub fn login_name() -> String {
    let passwd = read_small("/etc/passwd".as_ref(), 1 << 20).unwrap_or_default();
    name(getuid().as_raw(), &passwd, |name| std::env::var_os(name))
}

fn name(user: u32, passwd: &[u8], env: impl Fn(&str) -> Option<OsString>) -> String {
    let text = String::from_utf8_lossy(passwd);
    let known = text.lines().find_map(|line| {
        let mut parts = line.split(':');
        let (name, _, number) = (parts.next()?, parts.next()?, parts.next()?);
        (number.parse() == Ok(user)).then(|| name.to_owned())
    });
    let told = || ["LOGNAME", "USER"].into_iter().find_map(|name| env(name)?.into_string().ok());
    known.or_else(told).filter(|name| !name.is_empty()).unwrap_or_else(|| user.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_system_tells_the_name_and_else_the_environment() {
        let passwd = b"root:x:0:0::/root:/bin/sh\nmara:x:1001:1001::/home/mara:/bin/sh\n";
        let env = |name: &str| (name == "USER").then(|| OsString::from("lab"));
        assert_eq!(name(1001, passwd, env), "mara");
        assert_eq!(name(70_000, passwd, env), "lab", "a user of a directory that the file does not have");
        assert_eq!(name(70_000, b"", |_| None), "70000");
    }
}
