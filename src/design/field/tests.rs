use serde_json::json;

use super::*;
use crate::design::Kind;

fn field(kind: Kind, key: &str) -> Field {
    kind.default_config().fields().into_iter().find(|field| field.key == key).expect("such a field")
}

#[test]
fn every_default_fits_its_own_field() {
    let kinds = Kind::ALL.iter().map(|kind| kind.default_config().fields());
    for field in kinds.chain([crate::design::LinkConfig::default().fields()]).flatten() {
        assert_eq!(field.check(&field.default), Ok(()), "{}", field.key);
        assert!(!field.source.is_empty(), "{} has no source", field.key);
    }
}

#[test]
fn setting_gives_back_what_was_set_and_touches_nothing_else() {
    let mut config = Kind::Server.default_config();
    config.set("cores", Value::Number(16.0)).expect("in range");
    assert_eq!(config.get("cores"), Some(Value::Number(16.0)));
    config.set("cores", field(Kind::Server, "cores").default).expect("in range");
    assert_eq!(config, Kind::Server.default_config());
}

#[test]
fn messages_carry_every_parameter_of_every_kind() {
    for kind in Kind::ALL {
        let mut config = kind.default_config();
        for field in config.fields() {
            let other = match field.control {
                Control::Number { max, .. } => Value::Number(max),
                Control::Choice(words) => Value::Choice(words[words.len() - 1]),
                Control::Flag => Value::Flag(config.get(field.key) == Some(Value::Flag(false))),
                Control::Time { max, .. } => Value::Time(Distribution::Constant { mean_secs: max }),
            };
            config.set(field.key, other).expect("it fits");
            let message = postcard::to_allocvec(&config).expect("it can be written");
            let back: crate::design::ComponentConfig = postcard::from_bytes(&message).expect("it reads back");
            assert_eq!(back, config, "{}: {}", kind.key(), field.key);
        }
    }
    let link = crate::design::LinkConfig { request_bytes: 7.0, ..Default::default() };
    let message = postcard::to_allocvec(&link).expect("it can be written");
    assert_eq!(postcard::from_bytes::<crate::design::LinkConfig>(&message), Ok(link));
}

#[test]
fn bad_values_are_refused_and_the_old_one_stays() {
    let mut config = Kind::Server.default_config();
    for (value, message) in [
        (Value::Number(-4.0), "-4 is out of range; expected 1 to 256 cores"),
        (Value::Number(f64::NAN), "NaN is out of range; expected 1 to 256 cores"),
        (Value::Number(2.5), "2.5 is not a whole number"),
        (Value::Off, "none does not fit; expected a whole number from 1 to 256 cores"),
        (Value::Flag(true), "true does not fit; expected a whole number from 1 to 256 cores"),
    ] {
        assert_eq!(config.set("cores", value).expect_err("bad").to_string(), message);
    }
    assert_eq!(
        config.set("core", Value::Number(1.0)).expect_err("bad"),
        FieldError::Unknown { key: "core".to_owned() }
    );
    assert_eq!(config, Kind::Server.default_config());
}

#[test]
fn values_are_read_as_files_write_them() {
    let parse = |kind, key, json| field(kind, key).parse(&json);
    assert_eq!(parse(Kind::Server, "cores", json!(8)), Ok(Value::Number(8.0)));
    assert_eq!(parse(Kind::Server, "queue_limit", json!(null)), Ok(Value::Off));
    assert_eq!(parse(Kind::Cache, "eviction", json!("fifo")), Ok(Value::Choice("fifo")));
    assert_eq!(parse(Kind::SqlDatabase, "automatic_failover", json!(false)), Ok(Value::Flag(false)));
    assert_eq!(
        parse(Kind::Server, "read_work", json!(0.02)),
        Ok(Value::Time(Distribution::constant(0.02))),
        "a bare number is a constant"
    );
    assert_eq!(
        parse(Kind::Server, "read_work", json!({"shape": "erlang", "mean_secs": 0.02, "stages": 3})),
        Ok(Value::Time(Distribution::Erlang { mean_secs: 0.02, stages: 3 }))
    );
    for (key, json) in [
        ("cores", json!("8")),
        ("cores", json!(null)),
        ("cpu_discipline", json!("lifo")),
        ("read_work", json!({"shape": "erlang", "mean_secs": 0.02, "stages": 3, "cv": 1})),
        ("read_work", json!({"shape": "erlang", "mean_secs": 0.02})),
        ("read_work", json!(-1)),
    ] {
        assert!(parse(Kind::Server, key, json.clone()).is_err(), "{key}: {json}");
    }
}
