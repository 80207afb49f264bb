use std::ffi::OsString;

/// What the environment may change. Read once, at start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// `LAB_PORT`, 1-65535, default 8080.
    pub port: u16,
    /// `LAB_MACHINE_ID`, 0-65535, default 0: the Sonyflake machine id.
    pub machine_id: u16,
    /// `LAB_WORKERS`, 1-1024; `None` = not set, the runtime decides.
    pub workers: Option<usize>,
}

impl Settings {
    /// Takes the settings from `lookup` (`std::env::var_os`). A value that is set but wrong is an error that
    /// names the variable, the value and what was wanted; the empty string is wrong too.
    pub fn read(lookup: impl Fn(&str) -> Option<OsString>) -> Result<Self, String> {
        let number = |name: &str, least: u16, most: u16| {
            let Some(text) = lookup(name) else { return Ok(None) };
            let text = text.to_string_lossy();
            match text.parse() {
                Ok(value) if (least..=most).contains(&value) => Ok(Some(value)),
                _ => Err(format!("{name}={text:?}: want a whole number from {least} to {most}")),
            }
        };
        Ok(Self {
            port: number("LAB_PORT", 1, u16::MAX)?.unwrap_or(8080),
            machine_id: number("LAB_MACHINE_ID", 0, u16::MAX)?.unwrap_or(0),
            workers: number("LAB_WORKERS", 1, 1024)?.map(usize::from),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<Settings, String> {
        Settings::read(|name| {
            pairs
                .iter()
                .find(|(key, _)| *key == name)
                .map(|(_, value)| OsString::from(value))
        })
    }

    #[test]
    fn defaults() {
        assert_eq!(
            read(&[]),
            Ok(Settings {
                port: 8080,
                machine_id: 0,
                workers: None
            })
        );
    }

    #[test]
    fn edges_are_inside() {
        let settings = read(&[
            ("LAB_PORT", "65535"),
            ("LAB_MACHINE_ID", "65535"),
            ("LAB_WORKERS", "1024"),
        ]);
        assert_eq!(
            settings,
            Ok(Settings {
                port: 65535,
                machine_id: 65535,
                workers: Some(1024)
            })
        );
        assert_eq!(read(&[("LAB_MACHINE_ID", "0")]).unwrap().machine_id, 0);
    }

    #[test]
    fn wrong_values_are_named() {
        for (name, value, range) in [
            ("LAB_PORT", "0", "1 to 65535"),
            ("LAB_PORT", "65536", "1 to 65535"),
            ("LAB_PORT", "", "1 to 65535"),
            ("LAB_MACHINE_ID", "-1", "0 to 65535"),
            ("LAB_MACHINE_ID", "twelve", "0 to 65535"),
            ("LAB_WORKERS", "0", "1 to 1024"),
            ("LAB_WORKERS", "1025", "1 to 1024"),
            ("LAB_WORKERS", "1.5", "1 to 1024"),
        ] {
            let error = read(&[(name, value)]).unwrap_err();
            assert_eq!(error, format!("{name}={value:?}: want a whole number from {range}"));
        }
    }
}
