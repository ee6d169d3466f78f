`default_nettype none

// A product as the adder takes it: sum + operand + carry is sum + ((product + 2^14) >> 15), or with `unshifted` the
// whole product. `negated` stands for a factor of 32,768, which 16 bits cannot hold: the factor was -32,768.
module scale (
  input wire signed [47:0] product,
  input wire negated,
  input wire unshifted,
  output wire signed [33:0] operand,
  output wire carry
);
  wire signed [33:0] shifted = {product[47], product[47:15]};
  // (p + 2^14) >> 15 is p >> 15, and one more where bit 14 is set. A negated product has only zeros there.
  assign operand = unshifted ? product[33:0] : negated ? ~shifted : shifted;
  assign carry = ~unshifted & (negated | product[14]);
endmodule
