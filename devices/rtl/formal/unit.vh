// The contract of a unit of the core, on which formal/core.vh relies: it runs from `start` to `done`, and asks for
// nothing at other times. The unit defines UNIT_LAST, its last state, and UNIT_ASKS, what it asks for.
reg f_started = 0, f_runs = 0;
always @(posedge clk) begin
  f_started <= 1;
  f_runs <= !rst && (f_runs ? !done : start);
end

always @* begin
  if (!f_started) assume (rst);
  if (f_runs) assume (!start);
end

always @* if (f_started) begin
  assert (f_runs == (state != IDLE));
  assert (state <= `UNIT_LAST);
  if (!f_runs) assert (!done && !(`UNIT_ASKS));
end
