//! Drawing: plotters with the shapes that the figures need, and nothing that depends on fonts or colour alone.

use maud::{Markup, PreEscaped, html};
use plotters::{
    backend::SVGBackend,
    coord::Shift,
    drawing::{DrawingArea, DrawingAreaErrorKind, IntoDrawingArea as _},
    element::{Circle, DashedPathElement, PathElement, Polygon, Rectangle, Text},
    style::{
        Color as _, IntoFont as _, RGBColor, ShapeStyle, TextStyle,
        text_anchor::{HPos, Pos, VPos},
    },
};
use pss_protocol::Athlete;

/// The width of every figure. On a page 1280 px wide it is shown as it is, on A4 it shrinks to about 0.6.
pub(super) const WIDTH: i32 = 1160;
/// Text that is still readable on A4.
pub(super) const TEXT: i32 = 15;

pub(super) const INK: RGBColor = RGBColor(0x22, 0x22, 0x22);
pub(super) const GREY: RGBColor = RGBColor(0x59, 0x59, 0x59);
pub(super) const FAINT: RGBColor = RGBColor(0xd4, 0xd4, 0xd4);
pub(super) const PAPER: RGBColor = RGBColor(0xff, 0xff, 0xff);

/// Dark for blue, light for red, so that they differ in grey too; blue and vermilion are told apart by everybody.
pub(super) const fn colour(athlete: Athlete) -> RGBColor {
    match athlete {
        Athlete::Blue => RGBColor(0x12, 0x3f, 0x8c),
        Athlete::Red => RGBColor(0xe0, 0x5a, 0x33),
    }
}

/// The same, for areas behind something.
pub(super) const fn pale(athlete: Athlete) -> RGBColor {
    match athlete {
        Athlete::Blue => RGBColor(0xc3, 0xd2, 0xec),
        Athlete::Red => RGBColor(0xfb, 0xdf, 0xd5),
    }
}

type Error = DrawingAreaErrorKind<std::io::Error>;
pub(super) type Drawn = Result<(), Error>;

/// A point in pixels from the upper left.
pub(super) type At = (i32, i32);

/// Where a text stands about its point.
#[derive(Clone, Copy, Debug)]
pub(super) enum Align {
    Left,
    Middle,
    Right,
}

/// How a line runs.
#[derive(Clone, Copy, Debug)]
pub(super) enum Dash {
    Solid,
    /// Long strokes.
    Dashed,
    /// Short ones.
    Dotted,
}

/// What stands for a single thing.
#[derive(Clone, Copy, Debug)]
pub(super) enum Mark {
    /// A filled square.
    Square,
    /// A filled triangle.
    Triangle,
    /// An empty circle.
    Ring,
    /// An empty diamond.
    Diamond,
    /// Two crossed strokes.
    Cross,
}

/// A figure: SVG with a title and a description for those who do not see it.
///
/// `id` names it within the page.
pub(super) fn figure(
    id: &str,
    title: &str,
    description: &str,
    height: i32,
    draw: impl FnOnce(&Canvas<'_>) -> Drawn,
) -> Markup {
    let mut svg = String::new();
    let drawn = {
        let backend = SVGBackend::with_string(&mut svg, (WIDTH as u32, height.max(1) as u32));
        let canvas = Canvas { area: backend.into_drawing_area() };
        draw(&canvas).and_then(|()| canvas.area.present())
    };
    if drawn.is_err() {
        // It is drawn into memory, so this does not happen; a page without one figure is still a page.
        return html! { p.missing { "This figure could not be drawn." } };
    }
    // The backend's own first tag has neither title nor role.
    let inner = svg.split_once('>').map_or("", |(_, inner)| inner);
    let inner = inner.rsplit_once("</svg>").map_or(inner, |(inner, _)| inner);
    let (title_id, description_id) = (format!("{id}-title"), format!("{id}-description"));
    html! {
        svg role="img" viewBox={ "0 0 " (WIDTH) " " (height) }
            width=(WIDTH) height=(height) aria-labelledby={ (title_id) " " (description_id) }
        {
            title id=(title_id) { (title) }
            desc id=(description_id) { (description) }
            (PreEscaped(inner))
        }
    }
}

/// Where is drawn.
pub(super) struct Canvas<'a> {
    area: DrawingArea<SVGBackend<'a>, Shift>,
}

impl Canvas<'_> {
    pub(super) fn line(&self, points: &[At], colour: RGBColor, width: u32, dash: Dash) -> Drawn {
        if points.len() < 2 {
            return Ok(());
        }
        let style = colour.stroke_width(width);
        let points = points.to_vec();
        match dash {
            Dash::Solid => self.area.draw(&PathElement::new(points, style)),
            Dash::Dashed => self.area.draw(&DashedPathElement::new(points, 9, 5, style)),
            Dash::Dotted => self.area.draw(&DashedPathElement::new(points, 2, 4, style)),
        }
    }

    /// A filled rectangle.
    pub(super) fn fill(&self, from: At, to: At, colour: RGBColor) -> Drawn {
        self.area.draw(&Rectangle::new([from, to], colour.filled()))
    }

    /// The edge of a rectangle.
    pub(super) fn frame(&self, from: At, to: At, colour: RGBColor) -> Drawn {
        self.area.draw(&Rectangle::new([from, to], colour.stroke_width(1)))
    }

    /// A rectangle with slanting lines.
    pub(super) fn hatch(&self, from: At, to: At, colour: RGBColor) -> Drawn {
        let (left, right) = (from.0.min(to.0), from.0.max(to.0));
        let (top, bottom) = (from.1.min(to.1), from.1.max(to.1));
        self.frame((left, top), (right, bottom), colour)?;
        let mut sum = (left + top) / 5 * 5;
        while sum < right + bottom {
            // Where the line x + y = sum crosses the rectangle.
            let (x0, x1) = ((sum - bottom).max(left), (sum - top).min(right));
            if x1 > x0 {
                self.line(&[(x0, sum - x0), (x1, sum - x1)], colour, 1, Dash::Solid)?;
            }
            sum += 5;
        }
        Ok(())
    }

    pub(super) fn text(&self, text: &str, at: At, colour: RGBColor, align: Align) -> Drawn {
        self.text_of(TEXT, text, at, colour, align)
    }

    pub(super) fn small(&self, text: &str, at: At, colour: RGBColor, align: Align) -> Drawn {
        self.text_of(TEXT - 2, text, at, colour, align)
    }

    fn text_of(&self, size: i32, text: &str, at: At, colour: RGBColor, align: Align) -> Drawn {
        let horizontal = match align {
            Align::Left => HPos::Left,
            Align::Middle => HPos::Center,
            Align::Right => HPos::Right,
        };
        // The backend takes the size for the height of a line.
        let font = ("sans-serif", f64::from(size) * 1.24).into_font();
        let style = TextStyle::from(font).color(&colour).pos(Pos::new(horizontal, VPos::Center));
        self.area.draw(&Text::new(text, at, style))
    }

    pub(super) fn mark(&self, mark: Mark, (x, y): At, colour: RGBColor) -> Drawn {
        let stroke: ShapeStyle = colour.stroke_width(2);
        match mark {
            Mark::Square => self.fill((x - 5, y - 5), (x + 5, y + 5), colour),
            Mark::Triangle => {
                let corners = vec![(x, y - 7), (x + 7, y + 5), (x - 7, y + 5)];
                self.area.draw(&Polygon::new(corners, colour.filled()))
            }
            Mark::Ring => self.area.draw(&Circle::new((x, y), 3, colour.stroke_width(1))),
            Mark::Diamond => {
                let corners = vec![(x, y - 6), (x + 6, y), (x, y + 6), (x - 6, y), (x, y - 6)];
                self.area.draw(&PathElement::new(corners, stroke))
            }
            Mark::Cross => {
                self.area.draw(&PathElement::new(vec![(x - 4, y - 4), (x + 4, y + 4)], stroke))?;
                self.area.draw(&PathElement::new(vec![(x - 4, y + 4), (x + 4, y - 4)], stroke))
            }
        }
    }
}
