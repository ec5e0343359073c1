//! Very many small marks as pixels. Where there are thousands of them, setting their pixels costs a fraction of what a
//! canvas takes to fill as many shapes.

use crate::geometry::Point;

/// Marks are set in whole numbers, in parts of a pixel: a power of two of them.
const BITS: i32 = 8;
const WHOLE: i32 = 1 << BITS;
const ONE: f64 = WHOLE as f64;
/// Half the root of two, in the same parts.
const HALF_ROOT: i32 = 181;
/// No picture is larger [px].
const FARTHEST: f64 = 65_536.0;

/// A transparent picture that marks are stamped on, in pixels from its upper left corner. Its memory is kept.
#[derive(Clone, Debug, Default)]
pub struct Pixels {
    width: usize,
    height: usize,
    /// Red, green, blue and opacity of each pixel, from the lowest byte to the highest; row by row.
    pixels: Vec<u32>,
}

impl Pixels {
    /// Empties the picture and gives it this extent.
    pub fn begin(&mut self, width: u32, height: u32) {
        (self.width, self.height) = (width as usize, height as usize);
        self.pixels.clear();
        self.pixels.resize(self.width * self.height, 0);
    }

    /// Red, green, blue and opacity of all pixels, as browsers take them.
    pub fn bytes(&self) -> &[u8] {
        bytemuck::cast_slice(&self.pixels)
    }

    /// Stamps a square of this edge around `at`.
    pub fn square(&mut self, at: Point, edge: f64, color: [u8; 3]) {
        let half = (edge / 2.0 * ONE) as i32;
        let (x, y) = ((at.x * ONE) as i32, (at.y * ONE) as i32);
        let covered = |pixel: i32, middle: i32| (pixel + WHOLE).min(middle + half) - pixel.max(middle - half);
        self.stamp(at, half, color, |column, row| (covered(column, x).max(0) * covered(row, y).max(0)) >> BITS);
    }

    /// Stamps a square that stands on its corner and reaches this far from `at`.
    pub fn diamond(&mut self, at: Point, reach: f64, color: [u8; 3]) {
        let reach = (reach * ONE) as i32;
        let (x, y) = ((at.x * ONE) as i32, (at.y * ONE) as i32);
        let away = |pixel: i32, middle: i32| (pixel + WHOLE / 2 - middle).abs();
        self.stamp(at, reach, color, |column, row| {
            // As far as the middle of the pixel lies within the edge, square to it.
            let within = ((reach - away(column, x) - away(row, y)) * HALF_ROOT) >> BITS;
            (within + WHOLE / 2).clamp(0, WHOLE)
        });
    }

    /// Stamps a mark that reaches this far. `cover` tells how much it covers of the pixel in a column and a row. All but
    /// `at` is in parts of a pixel, [`WHOLE`] of them.
    fn stamp(&mut self, at: Point, reach: i32, [red, green, blue]: [u8; 3], cover: impl Fn(i32, i32) -> i32) {
        if !(at.x.abs() < FARTHEST && at.y.abs() < FARTHEST) {
            return;
        }
        let color = u32::from_le_bytes([red, green, blue, 0]);
        let range = |middle: f64, end: usize| {
            let middle = (middle * ONE) as i32;
            let first = (middle - reach - WHOLE / 2).max(0) >> BITS;
            let last = (middle + reach + WHOLE / 2 + WHOLE - 1).max(0) >> BITS;
            (first as usize).min(end)..(last as usize).min(end)
        };
        let columns = range(at.x, self.width);
        for row in range(at.y, self.height) {
            let start = row * self.width;
            let pixels = &mut self.pixels[start + columns.start..start + columns.end];
            let mut column = (columns.start as i32) << BITS;
            for pixel in pixels {
                let opacity = ((cover(column, (row as i32) << BITS) * 255) >> BITS) as u32;
                // Of two marks on a pixel the one that covers more of it is seen.
                if opacity > *pixel >> 24 {
                    *pixel = color | opacity << 24;
                }
                column += WHOLE;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLOR: [u8; 3] = [10, 20, 30];

    fn opacities(pixels: &Pixels) -> Vec<u8> {
        pixels.bytes().chunks(4).map(|pixel| pixel[3]).collect()
    }

    #[test]
    fn a_square_covers_its_pixels_and_parts_of_those_at_its_edge() {
        let mut pixels = Pixels::default();
        pixels.begin(4, 3);
        pixels.square(Point::new(1.0, 1.0), 2.0, COLOR);
        assert_eq!(opacities(&pixels), [255, 255, 0, 0, 255, 255, 0, 0, 0, 0, 0, 0]);
        assert_eq!(pixels.bytes()[..4], [10, 20, 30, 255]);
        pixels.begin(4, 3);
        pixels.square(Point::new(1.5, 1.0), 2.0, COLOR);
        assert_eq!(opacities(&pixels), [127, 255, 127, 0, 127, 255, 127, 0, 0, 0, 0, 0]);
    }

    #[test]
    fn a_diamond_has_corners_above_and_beside_its_middle() {
        let mut pixels = Pixels::default();
        pixels.begin(5, 5);
        pixels.diamond(Point::new(2.5, 2.5), 2.0, COLOR);
        let seen: Vec<bool> = opacities(&pixels).into_iter().map(|opacity| opacity > 100).collect();
        let rows: Vec<usize> = seen.chunks(5).map(|row| row.iter().filter(|&&seen| seen).count()).collect();
        assert_eq!(rows, [1, 3, 5, 3, 1]);
    }

    #[test]
    fn marks_at_the_border_are_cut_and_those_beyond_leave_nothing() {
        let mut pixels = Pixels::default();
        pixels.begin(3, 2);
        for (x, y) in [(-9.0, 1.0), (1.0, -9.0), (99.0, 1.0), (1.0, 99.0), (f64::NAN, 1.0)] {
            pixels.square(Point::new(x, y), 2.0, COLOR);
        }
        assert!(opacities(&pixels).iter().all(|&opacity| opacity == 0));
        pixels.square(Point::new(3.0, 2.0), 2.0, COLOR);
        assert_eq!(opacities(&pixels), [0, 0, 0, 0, 0, 255]);
    }

    #[test]
    fn of_two_marks_the_one_that_covers_more_is_seen() {
        let mut pixels = Pixels::default();
        pixels.begin(2, 1);
        pixels.square(Point::new(0.5, 0.5), 1.0, COLOR);
        pixels.square(Point::new(1.0, 0.5), 1.0, [200, 0, 0]);
        assert_eq!(pixels.bytes(), [10, 20, 30, 255, 200, 0, 0, 127]);
    }
}
