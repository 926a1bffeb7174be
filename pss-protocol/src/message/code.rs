//! The codes that begin a message.

use core::fmt;

macro_rules! codes {
    ($($variant:ident $text:literal $doc:literal;)+) => {
        /// The code of a message, one for both athletes where the wire has two (`pt1` and `pt2` are two).
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Code { $(#[doc = $doc] $variant,)+ }

        impl Code {
            /// Every code, in the order of the enumeration.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// As in the `code` of JSON and of the database.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }
        }
    };
}

codes! {
    Hel "hel" "Hello.";
    Bye "bye" "Goodbye.";
    Inlb "inlb" "Setting of the sender.";
    Insl "insl" "Setting of the sender.";
    Inth "inth" "Setting of the sender.";
    Pre "pre" "Match loaded.";
    Rdy "rdy" "Match ready.";
    Rnd "rnd" "Round.";
    Clk "clk" "Match clock.";
    Brk "brk" "Rest.";
    Ij0 "ij0" "Kye-shi.";
    Ij1 "ij1" "Kye-shi of blue.";
    Ij2 "ij2" "Kye-shi of red.";
    To1 "to1" "Time-out of blue.";
    To2 "to2" "Time-out of red.";
    Pt1 "pt1" "Points of blue.";
    Pt2 "pt2" "Points of red.";
    Hl1 "hl1" "Hit by blue.";
    Hl2 "hl2" "Hit by red.";
    Sc "sc" "Score (`sc1;…;sc2;…`, or one of them).";
    Sar "s11" "Score of each round (`s11;…;s21;…`, or some of them).";
    Wg "wg" "Gam-jeoms (`wg1;…;wg2;…`, or one of them).";
    Wrd "wrd" "Winner of each round.";
    Ch0 "ch0" "Challenge of the referee.";
    Ch1 "ch1" "Challenge of blue.";
    Ch2 "ch2" "Challenge of red.";
    Hwt "hwt" "Hardware test.";
    Mch "mch" "Match.";
    At "at1" "Athletes.";
    Ref "ref" "Officials.";
    Win "win" "Winner.";
    Wmh "wmh" "Result.";
    Avt "avt" "Of the written list.";
    Sup "sup" "Superiority.";
    Rst "rst" "Statistics of a round.";
    Rsr "rsr" "Reset of these.";
    Port "port" "Port (dis)connected.";
    Json "json" "A JSON object.";
    Request "request" "A receiver's request.";
}

impl Code {
    /// The code with this [`as_str`](Self::as_str).
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.as_str() == name)
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Code {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}
