// Written by `node devices/rtl/build.mjs description` from link_program.txt.
9'd0: instruction <= 32'h9c400000;  // a = 0 -> HAS_DIGEST
9'd1: instruction <= 32'h9c404000;  // a = 0 -> HELD
9'd2: instruction <= 32'h9c408000;  // a = 0 -> SESSION
9'd3: instruction <= 32'h9c40c000;  // a = 0 -> OWED
9'd4: instruction <= 32'h9c410000;  // a = 0 -> EXPECTED
9'd5: instruction <= 32'h9c414000;  // a = 0 -> EXPECTED_HIGH
9'd6: instruction <= 32'hdf410000;  // core_reset
9'd7: instruction <= 32'hdc00333b;  // if dropped goto broken
9'd8: instruction <= 32'h8400c343;  // a = OWED; if nonzero goto notice
9'd9: instruction <= 32'hdc001007;  // if no_frame goto idle
9'd10: instruction <= 32'h98418000;  // a = head -> LENGTH
9'd11: instruction <= 32'h99c00000;  // a = head -> left
9'd12: instruction <= 32'h85c18000;  // a = LENGTH -> left
9'd13: instruction <= 32'h9841c000;  // a = head -> NUMBER
9'd14: instruction <= 32'h98420000;  // a = head -> NUMBER_HIGH
9'd15: instruction <= 32'h98424000;  // a = head -> KIND
9'd16: instruction <= 32'hc641c000;  // b = NUMBER -> slot
9'd17: instruction <= 32'h2000424f;  // a = a - #1; if nonzero goto request
9'd18: instruction <= 32'h88428000;  // a = body -> NONCE
9'd19: instruction <= 32'h8842c000;  // a = body -> NONCE_1
9'd20: instruction <= 32'h88430000;  // a = body -> NONCE_2
9'd21: instruction <= 32'h88434000;  // a = body -> NONCE_3
9'd22: instruction <= 32'hdc00365c;  // if short goto no_session
9'd23: instruction <= 32'hdc00085c;  // if more goto no_session
9'd24: instruction <= 32'h8400a222;  // a = SESSION; if zero goto new_session
9'd25: instruction <= 32'h84028000;  // a = NONCE
9'd26: instruction <= 32'h24038222;  // a = a - OLD_NONCE; if nonzero goto new_session
9'd27: instruction <= 32'h8402c000;  // a = NONCE_1
9'd28: instruction <= 32'h2403c222;  // a = a - OLD_NONCE_1; if nonzero goto new_session
9'd29: instruction <= 32'h84030000;  // a = NONCE_2
9'd30: instruction <= 32'h24040222;  // a = a - OLD_NONCE_2; if nonzero goto new_session
9'd31: instruction <= 32'h84034000;  // a = NONCE_3
9'd32: instruction <= 32'h24044222;  // a = a - OLD_NONCE_3; if nonzero goto new_session
9'd33: instruction <= 32'hdc002050;  // goto place
9'd34: instruction <= 32'hdc003a22;  // if pending_any goto new_session
9'd35: instruction <= 32'h84028000;  // a = NONCE
9'd36: instruction <= 32'h1c438000;  // a + 0 -> OLD_NONCE
9'd37: instruction <= 32'h8402c000;  // a = NONCE_1
9'd38: instruction <= 32'h1c43c000;  // a + 0 -> OLD_NONCE_1
9'd39: instruction <= 32'h84030000;  // a = NONCE_2
9'd40: instruction <= 32'h1c440000;  // a + 0 -> OLD_NONCE_2
9'd41: instruction <= 32'h84034000;  // a = NONCE_3
9'd42: instruction <= 32'h1c444000;  // a + 0 -> OLD_NONCE_3
9'd43: instruction <= 32'h8401c000;  // a = NUMBER
9'd44: instruction <= 32'h1c410000;  // a + 0 -> EXPECTED
9'd45: instruction <= 32'h84020000;  // a = NUMBER_HIGH
9'd46: instruction <= 32'h1c414000;  // a + 0 -> EXPECTED_HIGH
9'd47: instruction <= 32'h9c404000;  // a = 0 -> HELD
9'd48: instruction <= 32'hc4838000;  // b = OLD_NONCE -> put
9'd49: instruction <= 32'hc483c000;  // b = OLD_NONCE_1 -> put
9'd50: instruction <= 32'hc4840000;  // b = OLD_NONCE_2 -> put
9'd51: instruction <= 32'hc4844000;  // b = OLD_NONCE_3 -> put
9'd52: instruction <= 32'hc0804000;  // b = #1 -> put
9'd53: instruction <= 32'hc0810000;  // b = #4 -> put
9'd54: instruction <= 32'hc0be0000;  // b = #0xf8 -> put
9'd55: instruction <= 32'hc0804000;  // b = #0x01 -> put
9'd56: instruction <= 32'hc0800000;  // b = #0x00 -> put
9'd57: instruction <= 32'hc0820000;  // b = #0x08 -> put
9'd58: instruction <= 32'h80008000;  // a = #2
9'd59: instruction <= 32'hc400a23d;  // b = SESSION; if zero goto greet_flags
9'd60: instruction <= 32'h9c000000;  // a = 0
9'd61: instruction <= 32'h04000000;  // a = a + HAS_DIGEST
9'd62: instruction <= 32'h1c800000;  // a + 0 -> put
9'd63: instruction <= 32'h80004000;  // a = #1
9'd64: instruction <= 32'h1c408000;  // a + 0 -> SESSION
9'd65: instruction <= 32'h8400224b;  // a = HAS_DIGEST; if zero goto greet_zeros
9'd66: instruction <= 32'hc4848000;  // b = DIGEST -> put
9'd67: instruction <= 32'hc484c000;  // b = DIGEST_1 -> put
9'd68: instruction <= 32'hc4850000;  // b = DIGEST_2 -> put
9'd69: instruction <= 32'hc4854000;  // b = DIGEST_3 -> put
9'd70: instruction <= 32'hc4858000;  // b = DIGEST_4 -> put
9'd71: instruction <= 32'hc485c000;  // b = DIGEST_5 -> put
9'd72: instruction <= 32'hc4860000;  // b = DIGEST_6 -> put
9'd73: instruction <= 32'hc4864000;  // b = DIGEST_7 -> put
9'd74: instruction <= 32'hdc002070;  // goto finish
9'd75: instruction <= 32'hdc800000;  // b = 0 -> put
9'd76: instruction <= 32'h90000000;  // a = at
9'd77: instruction <= 32'h2004c24b;  // a = a - #19; if nonzero goto greet_zeros
9'd78: instruction <= 32'hdc002070;  // goto finish
9'd79: instruction <= 32'h8400a25c;  // a = SESSION; if zero goto no_session
9'd80: instruction <= 32'h84010000;  // a = EXPECTED
9'd81: instruction <= 32'h2401c000;  // a = a - NUMBER
9'd82: instruction <= 32'h1c468000;  // a + 0 -> BEHIND
9'd83: instruction <= 32'h84014000;  // a = EXPECTED_HIGH
9'd84: instruction <= 32'h64020259;  // a = a - NUMBER_HIGH - borrow; if nonzero goto unknown
9'd85: instruction <= 32'h8406a25e;  // a = BEHIND; if zero goto expected
9'd86: instruction <= 32'h84004000;  // a = HELD
9'd87: instruction <= 32'h24068459;  // a = a - BEHIND; if borrow goto unknown
9'd88: instruction <= 32'hdf406069;  // send; goto drain
9'd89: instruction <= 32'h84024000;  // a = KIND
9'd90: instruction <= 32'h20006269;  // a = a - #1; if zero goto drain
9'd91: instruction <= 32'h8000a05d;  // a = #2; goto owe
9'd92: instruction <= 32'h80010000;  // a = #4
9'd93: instruction <= 32'h1c40e069;  // a + 0 -> OWED; goto drain
9'd94: instruction <= 32'hdc00385e;  // if pending goto expected
9'd95: instruction <= 32'h84024000;  // a = KIND
9'd96: instruction <= 32'h20006269;  // a = a - #1; if zero goto drain
9'd97: instruction <= 32'h2000628d;  // a = a - #1; if zero goto write
9'd98: instruction <= 32'h20006297;  // a = a - #1; if zero goto read
9'd99: instruction <= 32'h200062a3;  // a = a - #1; if zero goto fill
9'd100: instruction <= 32'h200062af;  // a = a - #1; if zero goto check
9'd101: instruction <= 32'h200062c0;  // a = a - #1; if zero goto digest
9'd102: instruction <= 32'h200062cf;  // a = a - #1; if zero goto run
9'd103: instruction <= 32'h200062cd;  // a = a - #1; if zero goto reset
9'd104: instruction <= 32'h80006088;  // a = #1; goto fail
9'd105: instruction <= 32'hdc002807;  // if all_read goto idle
9'd106: instruction <= 32'h88002069;  // a = body; goto drain
9'd107: instruction <= 32'hdc003687;  // if short goto malformed
9'd108: instruction <= 32'hdc000887;  // if more goto malformed
9'd109: instruction <= 32'h94002270;  // a = at_high; if zero goto finish
9'd110: instruction <= 32'h90000000;  // a = at
9'd111: instruction <= 32'h00006283;  // a = a + #1; if zero goto too_much
9'd112: instruction <= 32'h90418000;  // a = at -> LENGTH
9'd113: instruction <= 32'h9446c000;  // a = at_high -> LENGTH_HIGH
9'd114: instruction <= 32'hc2004000;  // b = #1 -> at
9'd115: instruction <= 32'hc23e0000;  // b = #0xf8 -> at
9'd116: instruction <= 32'hc4c18000;  // b = LENGTH -> put_header
9'd117: instruction <= 32'hc4c6c000;  // b = LENGTH_HIGH -> put_header
9'd118: instruction <= 32'hc4c1c000;  // b = NUMBER -> put_header
9'd119: instruction <= 32'hc4c20000;  // b = NUMBER_HIGH -> put_header
9'd120: instruction <= 32'h84024000;  // a = KIND
9'd121: instruction <= 32'h00e00000;  // a + #0x80 -> put_header
9'd122: instruction <= 32'hdf404000;  // send
9'd123: instruction <= 32'h80004000;  // a = #1
9'd124: instruction <= 32'h04410000;  // a = a + EXPECTED -> EXPECTED
9'd125: instruction <= 32'h9c000000;  // a = 0
9'd126: instruction <= 32'h44414000;  // a = a + EXPECTED_HIGH + carry -> EXPECTED_HIGH
9'd127: instruction <= 32'h84004000;  // a = HELD
9'd128: instruction <= 32'h20012269;  // a = a - #4; if zero goto drain
9'd129: instruction <= 32'h80004000;  // a = #1
9'd130: instruction <= 32'h04406069;  // a = a + HELD -> HELD; goto drain
9'd131: instruction <= 32'h8000e088;  // a = #3; goto fail
9'd132: instruction <= 32'hdf410000;  // core_reset
9'd133: instruction <= 32'h9c400000;  // a = 0 -> HAS_DIGEST
9'd134: instruction <= 32'h80012088;  // a = #4; goto fail
9'd135: instruction <= 32'h80008000;  // a = #2
9'd136: instruction <= 32'hc641c000;  // b = NUMBER -> slot
9'd137: instruction <= 32'h1c800000;  // a + 0 -> put
9'd138: instruction <= 32'hc4824000;  // b = KIND -> put
9'd139: instruction <= 32'h801fc000;  // a = #0x7f
9'd140: instruction <= 32'h1c426070;  // a + 0 -> KIND; goto finish
9'd141: instruction <= 32'h84018687;  // a = LENGTH; if even goto malformed
9'd142: instruction <= 32'h89400000;  // a = body -> address
9'd143: instruction <= 32'h89400000;  // a = body -> address
9'd144: instruction <= 32'h89400000;  // a = body -> address
9'd145: instruction <= 32'hdc003687;  // if short goto malformed
9'd146: instruction <= 32'hdc002887;  // if all_read goto malformed
9'd147: instruction <= 32'h89000000;  // a = body -> word
9'd148: instruction <= 32'h89000000;  // a = body -> word
9'd149: instruction <= 32'hdf004893;  // bus_write; if more goto write_word
9'd150: instruction <= 32'hdc00206b;  // goto done
9'd151: instruction <= 32'h89400000;  // a = body -> address
9'd152: instruction <= 32'h89400000;  // a = body -> address
9'd153: instruction <= 32'h89400000;  // a = body -> address
9'd154: instruction <= 32'h89800000;  // a = body -> count
9'd155: instruction <= 32'h89800000;  // a = body -> count
9'd156: instruction <= 32'h9d800000;  // a = 0 -> count
9'd157: instruction <= 32'hdc003687;  // if short goto malformed
9'd158: instruction <= 32'hdc002a87;  // if none goto malformed
9'd159: instruction <= 32'hdf000000;  // bus_read
9'd160: instruction <= 32'hcc800000;  // b = word -> put
9'd161: instruction <= 32'hcc800a9f;  // b = word -> put; if some goto read_word
9'd162: instruction <= 32'hdc00206b;  // goto done
9'd163: instruction <= 32'h89400000;  // a = body -> address
9'd164: instruction <= 32'h89400000;  // a = body -> address
9'd165: instruction <= 32'h89400000;  // a = body -> address
9'd166: instruction <= 32'h89800000;  // a = body -> count
9'd167: instruction <= 32'h89800000;  // a = body -> count
9'd168: instruction <= 32'h89800000;  // a = body -> count
9'd169: instruction <= 32'h89000000;  // a = body -> word
9'd170: instruction <= 32'h89000000;  // a = body -> word
9'd171: instruction <= 32'hdc003687;  // if short goto malformed
9'd172: instruction <= 32'hdc002a6b;  // if none goto done
9'd173: instruction <= 32'hdf004cad;  // bus_write; if not_last goto fill_word
9'd174: instruction <= 32'hdc00206b;  // goto done
9'd175: instruction <= 32'h89400000;  // a = body -> address
9'd176: instruction <= 32'h89400000;  // a = body -> address
9'd177: instruction <= 32'h89400000;  // a = body -> address
9'd178: instruction <= 32'h89800000;  // a = body -> count
9'd179: instruction <= 32'h89800000;  // a = body -> count
9'd180: instruction <= 32'h89800000;  // a = body -> count
9'd181: instruction <= 32'hdc003687;  // if short goto malformed
9'd182: instruction <= 32'hdc002ab9;  // if none goto check_end
9'd183: instruction <= 32'hdf000000;  // bus_read
9'd184: instruction <= 32'hdf9820b6;  // shift crc; goto check_word
9'd185: instruction <= 32'hdf880000;  // shift crc_out
9'd186: instruction <= 32'hcc800000;  // b = word -> put
9'd187: instruction <= 32'hcc800000;  // b = word -> put
9'd188: instruction <= 32'hdf880000;  // shift crc_out
9'd189: instruction <= 32'hcc800000;  // b = word -> put
9'd190: instruction <= 32'hcc800000;  // b = word -> put
9'd191: instruction <= 32'hdc00206b;  // goto done
9'd192: instruction <= 32'h9c400000;  // a = 0 -> HAS_DIGEST
9'd193: instruction <= 32'hdc00286b;  // if all_read goto done
9'd194: instruction <= 32'h88448000;  // a = body -> DIGEST
9'd195: instruction <= 32'h8844c000;  // a = body -> DIGEST_1
9'd196: instruction <= 32'h88450000;  // a = body -> DIGEST_2
9'd197: instruction <= 32'h88454000;  // a = body -> DIGEST_3
9'd198: instruction <= 32'h88458000;  // a = body -> DIGEST_4
9'd199: instruction <= 32'h8845c000;  // a = body -> DIGEST_5
9'd200: instruction <= 32'h88460000;  // a = body -> DIGEST_6
9'd201: instruction <= 32'h88464000;  // a = body -> DIGEST_7
9'd202: instruction <= 32'hdc003687;  // if short goto malformed
9'd203: instruction <= 32'h80004000;  // a = #1
9'd204: instruction <= 32'h1c40206b;  // a + 0 -> HAS_DIGEST; goto done
9'd205: instruction <= 32'hdf410000;  // core_reset
9'd206: instruction <= 32'h9c40206b;  // a = 0 -> HAS_DIGEST; goto done
9'd207: instruction <= 32'h88470000;  // a = body -> IN
9'd208: instruction <= 32'h88474000;  // a = body -> IN_1
9'd209: instruction <= 32'h88478000;  // a = body -> IN_2
9'd210: instruction <= 32'h8847c000;  // a = body -> IN_WORDS
9'd211: instruction <= 32'h88480000;  // a = body -> IN_WORDS_HIGH
9'd212: instruction <= 32'h88484000;  // a = body -> OUT
9'd213: instruction <= 32'h88488000;  // a = body -> OUT_1
9'd214: instruction <= 32'h8848c000;  // a = body -> OUT_2
9'd215: instruction <= 32'h88490000;  // a = body -> OUT_WORDS
9'd216: instruction <= 32'h88494000;  // a = body -> OUT_WORDS_HIGH
9'd217: instruction <= 32'h88498000;  // a = body -> FLAGS
9'd218: instruction <= 32'h8849c000;  // a = body -> STEPS
9'd219: instruction <= 32'hdc003687;  // if short goto malformed
9'd220: instruction <= 32'h8409e287;  // a = STEPS; if zero goto malformed
9'd221: instruction <= 32'h840942e1;  // a = OUT_WORDS_HIGH; if nonzero goto many_words
9'd222: instruction <= 32'h84090000;  // a = OUT_WORDS
9'd223: instruction <= 32'h040924e1;  // a = a + OUT_WORDS; if carry goto many_words
9'd224: instruction <= 32'h1c4a20e3;  // a + 0 -> LIMIT; goto step
9'd225: instruction <= 32'h803fc000;  // a = #255
9'd226: instruction <= 32'h1c4a0000;  // a + 0 -> LIMIT
9'd227: instruction <= 32'hc5470000;  // b = IN -> address
9'd228: instruction <= 32'hc5474000;  // b = IN_1 -> address
9'd229: instruction <= 32'hc5478000;  // b = IN_2 -> address
9'd230: instruction <= 32'hc587c000;  // b = IN_WORDS -> count
9'd231: instruction <= 32'hc5880000;  // b = IN_WORDS_HIGH -> count
9'd232: instruction <= 32'hdd800000;  // b = 0 -> count
9'd233: instruction <= 32'hdc002aff;  // if none goto start
9'd234: instruction <= 32'h88000000;  // a = body
9'd235: instruction <= 32'h000062fc;  // a = a + #1; if zero goto in_word
9'd236: instruction <= 32'h1c4a4000;  // a + 0 -> GAPS
9'd237: instruction <= 32'h803fc000;  // a = #255
9'd238: instruction <= 32'h044a62f8;  // a = a + GAPS -> GAPS; if zero goto rest
9'd239: instruction <= 32'h884a8000;  // a = body -> GAP
9'd240: instruction <= 32'h3f812ef6;  // shift zeros; if full goto zeros_full
9'd241: instruction <= 32'h840a8000;  // a = GAP
9'd242: instruction <= 32'h000062ed;  // a = a + #1; if zero goto gap
9'd243: instruction <= 32'hdc002a87;  // if none goto malformed
9'd244: instruction <= 32'hdf844eed;  // shift one; if not_full goto gap
9'd245: instruction <= 32'hdf0060ed;  // bus_write; goto gap
9'd246: instruction <= 32'hdc002a87;  // if none goto malformed
9'd247: instruction <= 32'hdf0060f0;  // bus_write; goto zeros
9'd248: instruction <= 32'hdc002aff;  // if none goto start
9'd249: instruction <= 32'h803fc000;  // a = #255
9'd250: instruction <= 32'h3f810000;  // shift zeros
9'd251: instruction <= 32'hdf0060f8;  // bus_write; goto rest
9'd252: instruction <= 32'h89000000;  // a = body -> word
9'd253: instruction <= 32'h89000000;  // a = body -> word
9'd254: instruction <= 32'hdf004cfc;  // bus_write; if not_last goto in_word
9'd255: instruction <= 32'hdc003687;  // if short goto malformed
9'd256: instruction <= 32'hdf408000;  // start
9'd257: instruction <= 32'hdc003e84;  // if late goto stuck
9'd258: instruction <= 32'hdc003d01;  // if busy goto wait
9'd259: instruction <= 32'h84098000;  // a = FLAGS
9'd260: instruction <= 32'h1c4ac000;  // a + 0 -> EVENTS
9'd261: instruction <= 32'h904b0000;  // a = at -> MARK
9'd262: instruction <= 32'h944b4000;  // a = at_high -> MARK_HIGH
9'd263: instruction <= 32'hc5484000;  // b = OUT -> address
9'd264: instruction <= 32'hc5488000;  // b = OUT_1 -> address
9'd265: instruction <= 32'hc548c000;  // b = OUT_2 -> address
9'd266: instruction <= 32'hc5890000;  // b = OUT_WORDS -> count
9'd267: instruction <= 32'hc5894000;  // b = OUT_WORDS_HIGH -> count
9'd268: instruction <= 32'hdd800000;  // b = 0 -> count
9'd269: instruction <= 32'hdc002b38;  // if none goto next
9'd270: instruction <= 32'h840ac734;  // a = EVENTS; if even goto out_words
9'd271: instruction <= 32'hdc800000;  // b = 0 -> put
9'd272: instruction <= 32'h9c4a4000;  // a = 0 -> GAPS
9'd273: instruction <= 32'h9c4b8000;  // a = 0 -> SKIPS
9'd274: instruction <= 32'h803fc000;  // a = #255
9'd275: instruction <= 32'hdf000000;  // bus_read
9'd276: instruction <= 32'h3f832f25;  // shift scan; if full goto scanned
9'd277: instruction <= 32'h1c00232d;  // a = a + 0; if zero goto skip
9'd278: instruction <= 32'h1c4a8000;  // a + 0 -> GAP
9'd279: instruction <= 32'h840a4000;  // a = GAPS
9'd280: instruction <= 32'h040ba531;  // a = a + SKIPS; if carry goto no_events
9'd281: instruction <= 32'h00006531;  // a = a + #1; if carry goto no_events
9'd282: instruction <= 32'h1c4a4000;  // a + 0 -> GAPS
9'd283: instruction <= 32'h240a2531;  // a = a - LIMIT; if no_borrow goto no_events
9'd284: instruction <= 32'h840b8000;  // a = SKIPS
9'd285: instruction <= 32'h1c002320;  // a = a + 0; if zero goto put_gap
9'd286: instruction <= 32'hc0bfc000;  // b = #255 -> put
9'd287: instruction <= 32'h2000611d;  // a = a - #1; goto put_skips
9'd288: instruction <= 32'h9c4b8000;  // a = 0 -> SKIPS
9'd289: instruction <= 32'h803fc000;  // a = #255
9'd290: instruction <= 32'h248a8000;  // a = a - GAP -> put
9'd291: instruction <= 32'h803fc000;  // a = #255
9'd292: instruction <= 32'hdf844f14;  // shift one; if not_full goto scan
9'd293: instruction <= 32'hdc000b13;  // if some goto scan_word
9'd294: instruction <= 32'h904a8000;  // a = at -> GAP
9'd295: instruction <= 32'h94418000;  // a = at_high -> LENGTH
9'd296: instruction <= 32'hc60b4000;  // b = MARK_HIGH -> at
9'd297: instruction <= 32'hc60b0000;  // b = MARK -> at
9'd298: instruction <= 32'hc48a4000;  // b = GAPS -> put
9'd299: instruction <= 32'hc6018000;  // b = LENGTH -> at
9'd300: instruction <= 32'hc60aa138;  // b = GAP -> at; goto next
9'd301: instruction <= 32'h80004000;  // a = #1
9'd302: instruction <= 32'h040ba530;  // a = a + SKIPS; if carry goto skipped
9'd303: instruction <= 32'h1c4b8000;  // a + 0 -> SKIPS
9'd304: instruction <= 32'h803fe114;  // a = #255; goto scan
9'd305: instruction <= 32'h9c4ac000;  // a = 0 -> EVENTS
9'd306: instruction <= 32'hc60b4000;  // b = MARK_HIGH -> at
9'd307: instruction <= 32'hc60b2107;  // b = MARK -> at; goto output
9'd308: instruction <= 32'hc0bfc000;  // b = #255 -> put
9'd309: instruction <= 32'hdf000000;  // bus_read
9'd310: instruction <= 32'hcc800000;  // b = word -> put
9'd311: instruction <= 32'hcc800b35;  // b = word -> put; if some goto out_word
9'd312: instruction <= 32'h803fc000;  // a = #255
9'd313: instruction <= 32'h0449e26b;  // a = a + STEPS -> STEPS; if zero goto done
9'd314: instruction <= 32'hdc0020e3;  // goto step
9'd315: instruction <= 32'hdc00353d;  // if lacked goto room_lacked
9'd316: instruction <= 32'h8000613e;  // a = #1; goto told
9'd317: instruction <= 32'h8000c000;  // a = #3
9'd318: instruction <= 32'hdf420000;  // forget_dropped
9'd319: instruction <= 32'h1c468000;  // a + 0 -> BEHIND
9'd320: instruction <= 32'h8400a209;  // a = SESSION; if zero goto look
9'd321: instruction <= 32'h84068000;  // a = BEHIND
9'd322: instruction <= 32'h1c40e009;  // a + 0 -> OWED; goto look
9'd323: instruction <= 32'h80004000;  // a = #1
9'd324: instruction <= 32'hde800000;  // notice
9'd325: instruction <= 32'h9c000000;  // a = 0
9'd326: instruction <= 32'hde800000;  // notice
9'd327: instruction <= 32'h84010000;  // a = EXPECTED
9'd328: instruction <= 32'hde800000;  // notice
9'd329: instruction <= 32'h84014000;  // a = EXPECTED_HIGH
9'd330: instruction <= 32'hde800000;  // notice
9'd331: instruction <= 32'h803f8000;  // a = #0xfe
9'd332: instruction <= 32'hde800000;  // notice
9'd333: instruction <= 32'h8400c000;  // a = OWED
9'd334: instruction <= 32'hdec00000;  // notice_end
9'd335: instruction <= 32'h9c40e009;  // a = 0 -> OWED; goto look
