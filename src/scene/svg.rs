//! Prints shapes as an SVG file: for exports, the command line and the still picture that is shown before the page
//! runs. No style sheet, no scripts, no outside references.

use core::fmt::Write as _;

use super::icon;
use super::shape::{Align, Paint, Shape, Step, Stroke};
use super::{Figures, Layout, Marks, Selection, Theme, View, picture};
use crate::design::Design;
use crate::geometry::{Point, Rect};

/// Room around the drawing.
const MARGIN: f64 = 40.0;

/// A still picture of `design` with its figures, as an SVG document.
pub fn still(design: &Design, figures: &Figures, theme: Theme) -> String {
    let (shapes, bounds) = still_shapes(design, figures);
    print(&shapes, bounds, &design.settings().title, theme)
}

/// The shapes of a still picture of `design` with its figures, and the part of the drawing that it shows.
pub fn still_shapes(design: &Design, figures: &Figures) -> (Vec<Shape>, Rect) {
    let layout = Layout::of(design);
    let bounds = layout.bounds().unwrap_or_default().inflate(MARGIN);
    let mut shapes = Vec::new();
    let (selection, marks) = (Selection::default(), Marks::default());
    let view = View {
        design,
        layout: &layout,
        figures,
        selection: &selection,
        marks: &marks,
        zoom: 1.0,
        visible: bounds,
        is_still: true,
    };
    picture(&view, &mut shapes);
    (shapes, bounds)
}

/// An SVG document of `shapes` that shows the part `bounds`.
pub fn print(shapes: &[Shape], bounds: Rect, title: &str, theme: Theme) -> String {
    let mut printer = Printer { svg: String::new(), theme };
    let Rect { origin: Point { x, y }, width, height } = bounds;
    printer.line(format_args!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="{} {} {} {}" width="{}" height="{}" role="img">"#,
        Short(x),
        Short(y),
        Short(width),
        Short(height),
        Short(width),
        Short(height)
    ));
    printer.line(format_args!("<title>{}</title>", escaped(title)));
    printer.line(format_args!(
        r#"<rect x="{}" y="{}" width="{}" height="{}" fill="{}"/>"#,
        Short(x),
        Short(y),
        Short(width),
        Short(height),
        theme.color(super::Ink::Ground)
    ));
    for shape in shapes {
        printer.shape(shape);
    }
    printer.svg.push_str("</svg>\n");
    printer.svg
}

struct Printer {
    svg: String,
    theme: Theme,
}

impl Printer {
    fn write(&mut self, text: core::fmt::Arguments<'_>) {
        self.svg.write_fmt(text).expect("strings can be written to");
    }

    fn line(&mut self, text: core::fmt::Arguments<'_>) {
        self.write(text);
        self.svg.push('\n');
    }

    fn shape(&mut self, shape: &Shape) {
        match shape {
            Shape::Rect { area, radius, fill, stroke } => {
                let Rect { origin: Point { x, y }, width, height } = *area;
                self.write(format_args!(
                    r#"<rect x="{}" y="{}" width="{}" height="{}" rx="{}""#,
                    Short(x),
                    Short(y),
                    Short(width),
                    Short(height),
                    Short(*radius)
                ));
                self.paints(*fill, *stroke);
            }
            Shape::Circle { centre, radius, fill, stroke } => {
                let Point { x, y } = *centre;
                self.write(format_args!(r#"<circle cx="{}" cy="{}" r="{}""#, Short(x), Short(y), Short(*radius)));
                self.paints(*fill, *stroke);
            }
            Shape::Path { steps, fill, stroke } => {
                self.svg.push_str(r#"<path d=""#);
                for step in steps {
                    self.step(*step);
                }
                self.svg.push('"');
                self.paints(*fill, *stroke);
            }
            Shape::Text { at, text, size, face, align, paint } => {
                let anchor = match align {
                    Align::Start => "start",
                    Align::Middle => "middle",
                    Align::End => "end",
                };
                self.write(format_args!(
                    r#"<text x="{}" y="{}" font-size="{}" font-weight="{}" font-family="{}" text-anchor="{anchor}""#,
                    Short(at.x),
                    Short(at.y),
                    Short(*size),
                    face.weight(),
                    face.families(),
                ));
                self.paint("fill", *paint);
                self.line(format_args!(">{}</text>", escaped(text)));
            }
            Shape::Icon { path, origin, size, paint } => {
                self.write(format_args!(
                    r#"<path d="{path}" transform="translate({} {}) scale({})" fill="none" stroke-width="{}" stroke-linecap="round" stroke-linejoin="round""#,
                    Short(origin.x),
                    Short(origin.y),
                    Short(size / icon::EXTENT),
                    icon::LINE_WIDTH
                ));
                self.paint("stroke", *paint);
                self.svg.push_str("/>\n");
            }
        }
    }

    fn step(&mut self, step: Step) {
        match step {
            Step::Move(to) => self.write(format_args!("M{} {}", Short(to.x), Short(to.y))),
            Step::Line(to) => self.write(format_args!("L{} {}", Short(to.x), Short(to.y))),
            Step::Cubic(one, two, to) => self.write(format_args!(
                "C{} {} {} {} {} {}",
                Short(one.x),
                Short(one.y),
                Short(two.x),
                Short(two.y),
                Short(to.x),
                Short(to.y)
            )),
            Step::Close => self.svg.push('Z'),
        }
    }

    /// Inside and border, and the end of the element.
    fn paints(&mut self, fill: Option<Paint>, stroke: Option<Stroke>) {
        match fill {
            Some(paint) => self.paint("fill", paint),
            None => self.svg.push_str(r#" fill="none""#),
        }
        if let Some(stroke) = stroke {
            self.paint("stroke", stroke.paint);
            self.write(format_args!(r#" stroke-width="{}""#, Short(stroke.width)));
            if !stroke.dash.is_empty() {
                let dash: Vec<String> = stroke.dash.iter().map(f64::to_string).collect();
                self.write(format_args!(r#" stroke-dasharray="{}""#, dash.join(" ")));
            }
        }
        self.svg.push_str("/>\n");
    }

    fn paint(&mut self, attribute: &str, paint: Paint) {
        let color = self.theme.color(paint.ink);
        self.write(format_args!(r#" {attribute}="{color}""#));
        if paint.opacity < 1.0 {
            self.write(format_args!(r#" {attribute}-opacity="{}""#, Short(f64::from(paint.opacity))));
        }
    }
}

/// A number with two decimals at most.
struct Short(f64);

impl core::fmt::Display for Short {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        // Adding zero turns a negative zero into a plain one.
        write!(f, "{}", (self.0 * 100.0).round() / 100.0 + 0.0)
    }
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            // XML has no way to write other control characters.
            letter if letter.is_control() => escaped.push(' '),
            letter => escaped.push(letter),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::design::edit::Edit;
    use crate::ids::ComponentId;

    #[test]
    fn names_cannot_break_out_of_the_document() {
        let mut design = super::super::tests::three_in_a_row();
        design.apply(Edit::Rename(ComponentId(2), "<b> & \"c\"\u{1}".to_owned())).unwrap();
        let svg = still(&design, &Figures::default(), Theme::Light);
        assert!(svg.contains("&lt;b&gt; &amp; &quot;c&quot; </text>"), "{svg}");
        assert!(!svg.contains("<b>"));
    }

    #[test]
    fn elements_are_balanced_and_styles_stay_out() {
        let svg = still(&super::super::tests::three_in_a_row(), &Figures::default(), Theme::Dark);
        assert!(svg.starts_with("<svg") && svg.ends_with("</svg>\n"));
        for line in svg.lines().filter(|line| line.starts_with("<rect") || line.starts_with("<path")) {
            assert!(line.ends_with("/>"), "{line}");
        }
        assert!(!svg.contains("style="));
        assert!(svg.contains(Theme::Dark.color(crate::scene::Ink::Ground)));
    }
}
