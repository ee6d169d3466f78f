`default_nettype none

// scale.v and the saturation behind it against plain arithmetic of 64 bits, for every product and every other summand
// of 33 bits: b and what has been added to it before.
module scale_proof (
  input wire signed [47:0] product,
  input wire negated,
  input wire unshifted,
  input wire signed [32:0] summand,
  input wire wide
);
  wire signed [33:0] operand;
  wire carry;
  scale scale (.product(product), .negated(negated), .unshifted(unshifted), .operand(operand), .carry(carry));
  wire signed [33:0] base = {summand[32], summand};
  wire signed [33:0] sum = base + operand + {33'd0, carry};

  wire signed [33:0] held;
  wire high, low;
  saturate saturate (.value(sum), .byte_wide(1'b0), .wide(wide), .held(held), .high(high), .low(low));

  wire signed [63:0] whole = {{16{product[47]}}, product};
  wire signed [63:0] rounded = ((negated ? -whole : whole) + 64'sd16384) >>> 15;
  wire signed [63:0] exact = {{31{summand[32]}}, summand} + (unshifted ? whole : rounded);
  wire signed [63:0] most = wide ? 64'sd2147483647 : 64'sd32767;
  wire signed [63:0] least = -most - 64'sd1;

  always @* begin
    // A factor of -32,768 leaves 15 zeros; 32 bits times a factor of at most 2^15 is at most 2^46.
    assume (!negated || product[14:0] == 0);
    assume (whole >= -64'sd70368744177664 && whole <= 64'sd70368744177664);
    // Loading a model proves that x << F fits 32 bits.
    assume (!unshifted || (whole >= -64'sd2147483648 && whole <= 64'sd2147483647));
    assert ({{30{sum[33]}}, sum} == exact);
    assert ({{30{held[33]}}, held} == (exact > most ? most : exact < least ? least : exact));
    assert (high == (exact > most) && low == (exact < least));
  end
endmodule
