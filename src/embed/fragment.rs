//! What stands behind the `#` of the address: a design, or a place in the playground. It is never sent to a server.

/// Where a fragment leads.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Fragment {
    /// Nowhere in particular: the person's own design.
    #[default]
    Own,
    /// A design in the letters of a link.
    Design(String),
    /// The journeys; or one of them, at one of its stages.
    Journey {
        /// The journey by its key; `None` for the list of all.
        journey: Option<String>,
        /// The stage by its key; `None` for the first.
        stage: Option<String>,
    },
    /// The interviews; or one of them by its key.
    Interview(Option<String>),
}

impl Fragment {
    /// Reads a fragment without its `#`. Whatever is not the name of a place is taken for a design.
    pub fn parse(fragment: &str) -> Self {
        let key = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let (name, value) = fragment.split_once('=').unwrap_or((fragment, ""));
        match name {
            "" => Self::Own,
            "journey" => {
                let (journey, stage) = value.split_once('/').unwrap_or((value, ""));
                Self::Journey { journey: key(journey), stage: key(stage) }
            }
            "interview" => Self::Interview(key(value)),
            _ => Self::Design(fragment.to_owned()),
        }
    }

    /// The place as a fragment without its `#`; empty for the person's own design.
    pub fn print(&self) -> String {
        match self {
            Self::Own => String::new(),
            Self::Design(letters) => letters.clone(),
            Self::Journey { journey: None, .. } => "journey".to_owned(),
            Self::Journey { journey: Some(journey), stage: None } => format!("journey={journey}"),
            Self::Journey { journey: Some(journey), stage: Some(stage) } => format!("journey={journey}/{stage}"),
            Self::Interview(None) => "interview".to_owned(),
            Self::Interview(Some(interview)) => format!("interview={interview}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_survive_the_way_through_the_address() {
        let text = |text: &str| Some(text.to_owned());
        let places = [
            (Fragment::Own, ""),
            (Fragment::Design("bTVy0_-9".to_owned()), "bTVy0_-9"),
            (Fragment::Journey { journey: None, stage: None }, "journey"),
            (Fragment::Journey { journey: text("first-million"), stage: None }, "journey=first-million"),
            (
                Fragment::Journey { journey: text("first-million"), stage: text("1-one-server") },
                "journey=first-million/1-one-server",
            ),
            (Fragment::Interview(None), "interview"),
            (Fragment::Interview(text("chat")), "interview=chat"),
        ];
        for (place, printed) in places {
            assert_eq!(place.print(), printed);
            assert_eq!(Fragment::parse(printed), place);
        }
    }
}
