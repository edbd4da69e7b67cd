//! Four 32-bit lanes, and sums of their 64-bit products. SIMD in WebAssembly, otherwise plain arrays for tests.

#[cfg(target_arch = "wasm32")]
mod imp {
    /// Whether these are SIMD lanes.
    pub const ARE_FAST: bool = true;

    use core::arch::wasm32::{
        i64x2_add, i64x2_splat, u32x4, u32x4_splat, u64x2_extmul_high_u32x4,
        u64x2_extmul_low_u32x4, u64x2_extract_lane, v128,
    };

    /// Four integers.
    #[derive(Clone, Copy)]
    pub struct Four(v128);

    impl Four {
        #[inline(always)]
        pub fn new([a, b, c, d]: [u32; 4]) -> Self {
            Self(u32x4(a, b, c, d))
        }

        #[inline(always)]
        pub fn splat(value: u32) -> Self {
            Self(u32x4_splat(value))
        }
    }

    /// Four sums.
    #[derive(Clone, Copy)]
    pub struct Sums {
        low: v128,
        high: v128,
    }

    impl Sums {
        #[inline(always)]
        pub fn zero() -> Self {
            Self {
                low: i64x2_splat(0),
                high: i64x2_splat(0),
            }
        }

        /// Adds the products lane by lane.
        #[inline(always)]
        pub fn add(&mut self, these: Four, others: Four) {
            self.low = i64x2_add(self.low, u64x2_extmul_low_u32x4(these.0, others.0));
            self.high = i64x2_add(self.high, u64x2_extmul_high_u32x4(these.0, others.0));
        }

        /// Twice these sums plus `others`.
        #[inline(always)]
        pub fn doubled_plus(self, others: Self) -> Self {
            Self {
                low: i64x2_add(i64x2_add(self.low, self.low), others.low),
                high: i64x2_add(i64x2_add(self.high, self.high), others.high),
            }
        }

        #[inline(always)]
        pub fn lanes(self) -> [u64; 4] {
            [
                u64x2_extract_lane::<0>(self.low),
                u64x2_extract_lane::<1>(self.low),
                u64x2_extract_lane::<0>(self.high),
                u64x2_extract_lane::<1>(self.high),
            ]
        }
    }
}

#[cfg(not(target_arch = "wasm32"))]
mod imp {
    pub const ARE_FAST: bool = false;

    /// Four integers.
    #[derive(Clone, Copy)]
    pub struct Four([u32; 4]);

    impl Four {
        pub fn new(lanes: [u32; 4]) -> Self {
            Self(lanes)
        }

        pub fn splat(value: u32) -> Self {
            Self([value; 4])
        }
    }

    /// Four sums.
    #[derive(Clone, Copy)]
    pub struct Sums([u64; 4]);

    impl Sums {
        pub fn zero() -> Self {
            Self([0; 4])
        }

        /// Adds the products lane by lane.
        pub fn add(&mut self, these: Four, others: Four) {
            for (sum, (this, other)) in self.0.iter_mut().zip(these.0.into_iter().zip(others.0)) {
                *sum += u64::from(this) * u64::from(other);
            }
        }

        /// Twice these sums plus `others`.
        pub fn doubled_plus(self, others: Self) -> Self {
            Self(core::array::from_fn(|at| 2 * self.0[at] + others.0[at]))
        }

        pub fn lanes(self) -> [u64; 4] {
            self.0
        }
    }
}

pub use imp::{ARE_FAST, Four, Sums};
