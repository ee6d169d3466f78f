`default_nettype none

// sat_M(value) for M = 8, 16 or 32 bits: a number beyond the range of two's complement becomes the nearest end of it.
module saturate (
  input wire signed [33:0] value,
  input wire byte_wide,  // M = 8
  input wire wide,       // M = 32; neither: M = 16
  output wire signed [33:0] held,
  output wire high,      // was held at the upper end
  output wire low        // was held at the lower end
);
  // A number fits where all bits from its sign bit of M bits on are equal.
  wire fits_32 = &value[33:31] | ~|value[33:31];
  wire fits_16 = fits_32 & (&value[31:15] | ~|value[31:15]);
  wire fits_8 = fits_16 & (&value[15:7] | ~|value[15:7]);
  wire fits = byte_wide ? fits_8 : wide ? fits_32 : fits_16;
  wire negative = value[33];

  wire [33:0] upper_end = byte_wide ? 34'h7f : wide ? 34'h7fffffff : 34'h7fff;

  assign high = ~fits & ~negative;
  assign low = ~fits & negative;
  // The lower end is the complement of the upper one.
  assign held = fits ? value : negative ? ~upper_end : upper_end;
endmodule
