//! Two 64-bit lanes: floats, and integers with the same bits. SIMD in WebAssembly, otherwise plain arrays for
//! tests.

use core::ops::{Add, BitAnd, Mul, Sub};

/// Whether these are SIMD lanes: plain arrays are far too slow for a search.
pub const ARE_FAST: bool = cfg!(target_arch = "wasm32");
/// Whether a fused multiply-add is an instruction.
pub const HAVE_MUL_ADD: bool = cfg!(all(target_arch = "wasm32", target_feature = "relaxed-simd"));

#[cfg(target_arch = "wasm32")]
mod imp {
    #[cfg(target_feature = "relaxed-simd")]
    use core::arch::wasm32::f64x2_relaxed_madd;
    use core::arch::wasm32::{
        f64x2, f64x2_add, f64x2_extract_lane, f64x2_mul, f64x2_splat, f64x2_sub, i64x2, i64x2_add,
        i64x2_extract_lane, i64x2_splat, u64x2_shr, v128, v128_and,
    };

    /// Two floats.
    #[derive(Clone, Copy)]
    pub struct Floats(v128);

    /// Two integers.
    #[derive(Clone, Copy)]
    pub struct Ints(v128);

    impl Floats {
        #[inline(always)]
        pub fn new(first: f64, second: f64) -> Self {
            Self(f64x2(first, second))
        }

        #[inline(always)]
        pub fn splat(value: f64) -> Self {
            Self(f64x2_splat(value))
        }

        /// `self * other + addend`, rounded once.
        #[cfg(target_feature = "relaxed-simd")]
        #[inline(always)]
        pub fn mul_add(self, other: Self, addend: Self) -> Self {
            Self(f64x2_relaxed_madd(self.0, other.0, addend.0))
        }

        /// The same, slowly.
        #[cfg(not(target_feature = "relaxed-simd"))]
        pub fn mul_add(self, other: Self, addend: Self) -> Self {
            let ([a, b], [c, d], [e, f]) = (self.lanes(), other.lanes(), addend.lanes());
            Self::new(a.mul_add(c, e), b.mul_add(d, f))
        }

        #[inline(always)]
        pub fn times(self, other: Self) -> Self {
            Self(f64x2_mul(self.0, other.0))
        }

        #[inline(always)]
        pub fn plus(self, other: Self) -> Self {
            Self(f64x2_add(self.0, other.0))
        }

        #[inline(always)]
        pub fn minus(self, other: Self) -> Self {
            Self(f64x2_sub(self.0, other.0))
        }

        #[inline(always)]
        pub fn bits(self) -> Ints {
            Ints(self.0)
        }

        #[inline(always)]
        pub fn lanes(self) -> [f64; 2] {
            [
                f64x2_extract_lane::<0>(self.0),
                f64x2_extract_lane::<1>(self.0),
            ]
        }
    }

    impl Ints {
        #[inline(always)]
        pub fn new(first: i64, second: i64) -> Self {
            Self(i64x2(first, second))
        }

        #[inline(always)]
        pub fn splat(value: i64) -> Self {
            Self(i64x2_splat(value))
        }

        #[inline(always)]
        pub fn and(self, other: Self) -> Self {
            Self(v128_and(self.0, other.0))
        }

        /// Shifted right, zeros coming in.
        #[inline(always)]
        pub fn shifted<const BITS: u32>(self) -> Self {
            Self(u64x2_shr(self.0, BITS))
        }

        /// The floats whose bits these are.
        #[inline(always)]
        pub fn floats(self) -> Floats {
            Floats(self.0)
        }

        #[inline(always)]
        pub fn plus(self, other: Self) -> Self {
            Self(i64x2_add(self.0, other.0))
        }

        #[inline(always)]
        pub fn lanes(self) -> [i64; 2] {
            [
                i64x2_extract_lane::<0>(self.0),
                i64x2_extract_lane::<1>(self.0),
            ]
        }
    }
}

#[cfg(not(target_arch = "wasm32"))]
mod imp {
    /// Two floats.
    #[derive(Clone, Copy)]
    pub struct Floats([f64; 2]);

    /// Two integers.
    #[derive(Clone, Copy)]
    pub struct Ints([i64; 2]);

    impl Floats {
        pub fn new(first: f64, second: f64) -> Self {
            Self([first, second])
        }

        pub fn splat(value: f64) -> Self {
            Self([value; 2])
        }

        /// `self * other + addend`, rounded once.
        pub fn mul_add(self, other: Self, addend: Self) -> Self {
            let lane = |at: usize| self.0[at].mul_add(other.0[at], addend.0[at]);
            Self([lane(0), lane(1)])
        }

        pub fn times(self, other: Self) -> Self {
            Self([self.0[0] * other.0[0], self.0[1] * other.0[1]])
        }

        pub fn plus(self, other: Self) -> Self {
            Self([self.0[0] + other.0[0], self.0[1] + other.0[1]])
        }

        pub fn minus(self, other: Self) -> Self {
            Self([self.0[0] - other.0[0], self.0[1] - other.0[1]])
        }

        pub fn bits(self) -> Ints {
            Ints(self.0.map(|float| float.to_bits() as i64))
        }

        pub fn lanes(self) -> [f64; 2] {
            self.0
        }
    }

    impl Ints {
        pub fn new(first: i64, second: i64) -> Self {
            Self([first, second])
        }

        pub fn splat(value: i64) -> Self {
            Self([value; 2])
        }

        pub fn and(self, other: Self) -> Self {
            Self([self.0[0] & other.0[0], self.0[1] & other.0[1]])
        }

        /// Shifted right, zeros coming in.
        pub fn shifted<const BITS: u32>(self) -> Self {
            Self(self.0.map(|int| (int as u64 >> BITS) as i64))
        }

        /// The floats whose bits these are.
        pub fn floats(self) -> Floats {
            Floats(self.0.map(|int| f64::from_bits(int as u64)))
        }

        pub fn plus(self, other: Self) -> Self {
            let lane = |at: usize| self.0[at].wrapping_add(other.0[at]);
            Self([lane(0), lane(1)])
        }

        pub fn lanes(self) -> [i64; 2] {
            self.0
        }
    }
}

pub use imp::{Floats, Ints};

impl Default for Floats {
    #[inline(always)]
    fn default() -> Self {
        Self::splat(0.0)
    }
}

impl Default for Ints {
    #[inline(always)]
    fn default() -> Self {
        Self::splat(0)
    }
}

impl Add for Floats {
    type Output = Self;

    #[inline(always)]
    fn add(self, other: Self) -> Self {
        self.plus(other)
    }
}

impl Sub for Floats {
    type Output = Self;

    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        self.minus(other)
    }
}

impl Mul for Floats {
    type Output = Self;

    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        self.times(other)
    }
}

/// The float where all bits of the mask are ones, and zero where they are zeros.
impl BitAnd<Ints> for Floats {
    type Output = Self;

    #[inline(always)]
    fn bitand(self, mask: Ints) -> Self {
        self.bits().and(mask).floats()
    }
}

/// Modulo 2^64.
impl Add for Ints {
    type Output = Self;

    #[inline(always)]
    fn add(self, other: Self) -> Self {
        self.plus(other)
    }
}

impl BitAnd for Ints {
    type Output = Self;

    #[inline(always)]
    fn bitand(self, other: Self) -> Self {
        self.and(other)
    }
}
