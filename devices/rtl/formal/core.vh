// Arbitration: the host, `integrate`, `update` and `learn` share the memory, the activity memory and the sums of the
// lanes, and none ever meets another there. Proved by induction for whatever host, memories and units do, as long as
// the units keep the contract of formal/unit.vh, which is proved of each.
reg f_started = 0, f_integrates = 0, f_integrated = 0, f_updates = 0, f_learns = 0;
// Whether a weight is in the third or the fourth stage of a lane, which use its sum.
reg [1:0] f_in_lane = 0;
always @(posedge clk) begin
  f_started <= 1;
  f_integrates <= !rst && (f_integrates ? !integrate_done : integrates);
  f_integrated <= f_integrates;
  f_updates <= !rst && (f_updates ? !update_done : updates);
  f_learns <= !rst && (f_learns ? !learn_done : learns);
  f_in_lane <= {f_in_lane[0], |arrives};
end

always @* begin
  if (!f_started) assume (rst);
  if (!f_integrates) assume (!source_read && !integrate_done);
  if (!f_integrates && !f_integrated) assume (arrives == 0);
  if (!f_updates) assume (!record_write && !emits && !sum_read && sum_clear == 0 && !update_done);
  if (!f_learns) assume (!learn_write && !spikes_read && !learn_done);
end

wire f_host_writes = host_writes && region == `CORE_REGIONS_MEMORY;
always @* if (f_started) begin
  // A unit runs while its instruction does, so one at a time, and it starts only when it has ended.
  assert (f_integrates == (state == WORK && opcode == `CORE_OPCODES_INTEGRATE));
  assert (f_updates == (state == WORK && opcode == `CORE_OPCODES_UPDATE));
  assert (f_learns == (state == WORK && learning_opcode));
  assert (f_integrates + f_updates + f_learns + taken <= 1);
  // A fetch takes nine cycles, in which the lanes become empty.
  if (state == WORK) assert (fetched == 0);

  // Each request reaches the memory with the address and the word of whoever asks.
  assert (memory_write == (record_write || learn_write || f_host_writes));
  if (taken) assert (memory_address == h_addr[15:0]);
  if (f_host_writes) assert (memory_data == h_wdata);
  if (f_integrates) assert (memory_address == weight_address);
  if (f_updates) assert (memory_address == record_address);
  if (record_write) assert (memory_data == record_data);
  if (f_learns) assert (memory_address == learn_address);
  if (learn_write) assert (memory_data == learn_data);

  if (taken) assert (read_address == h_addr[ACTIVITY_BITS-1:0]);
  if (source_read) assert (read_address == source_address);
  if (spikes_read) assert (read_address == spikes_address);

  // No neuron takes its sum while a weight is still on its way to one.
  if (sum_read || sum_clear != 0) assert (arrives == 0 && f_in_lane == 0);
end
