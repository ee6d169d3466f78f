SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET transaction_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;
SET default_tablespace = '';
SET default_table_access_method = heap;
CREATE TABLE public.device (
    id text NOT NULL,
    "publicKey" text NOT NULL,
    name text NOT NULL,
    labels text NOT NULL,
    joined bigint NOT NULL,
    seen bigint,
    counter bigint NOT NULL,
    status text NOT NULL,
    version text,
    platform text,
    memory bigint
);
CREATE TABLE public."deviceLabel" (
    device text NOT NULL,
    key text NOT NULL,
    value text NOT NULL
);
CREATE TABLE public.history (
    number bigint NOT NULL,
    "time" bigint NOT NULL,
    actor text NOT NULL,
    action text NOT NULL,
    subject text NOT NULL,
    details text NOT NULL,
    previous text NOT NULL,
    hash text NOT NULL
);
CREATE TABLE public."historyHead" (
    id integer NOT NULL,
    number bigint NOT NULL,
    hash text NOT NULL
);
CREATE TABLE public."joinToken" (
    hash text NOT NULL,
    labels text NOT NULL,
    expires bigint NOT NULL,
    uses integer NOT NULL,
    "madeBy" text NOT NULL,
    made bigint NOT NULL
);
CREATE TABLE public.kysely_migration (
    name character varying(255) NOT NULL,
    "timestamp" character varying(255) NOT NULL
);
CREATE TABLE public.kysely_migration_lock (
    id character varying(255) NOT NULL,
    is_locked integer DEFAULT 0 NOT NULL
);
CREATE TABLE public.lease (
    name text NOT NULL,
    holder text NOT NULL,
    epoch bigint NOT NULL,
    expires bigint NOT NULL
);
CREATE TABLE public.machine (
    device text NOT NULL,
    machine text NOT NULL,
    model text NOT NULL,
    channel text NOT NULL,
    groups text NOT NULL,
    state text NOT NULL,
    base text,
    "baseName" text,
    carrying text,
    since text,
    former text,
    candidate text,
    refused text NOT NULL,
    readings bigint NOT NULL,
    "right" bigint,
    "rightOf" bigint,
    lessons bigint NOT NULL,
    alarms bigint NOT NULL,
    drift integer NOT NULL,
    pinned integer NOT NULL,
    problem text
);
CREATE TABLE public.person (
    id text NOT NULL,
    name text NOT NULL,
    role text NOT NULL,
    hash text NOT NULL,
    made bigint NOT NULL,
    "madeBy" text NOT NULL
);
CREATE TABLE public.rollout (
    id text NOT NULL,
    name text NOT NULL,
    model text NOT NULL,
    channel text NOT NULL,
    sha256 text NOT NULL,
    labels text NOT NULL,
    plan text NOT NULL,
    machines integer NOT NULL,
    installed integer NOT NULL,
    phase text NOT NULL,
    waves integer NOT NULL,
    "waveTimes" text NOT NULL,
    since bigint NOT NULL,
    reason text,
    paused integer NOT NULL,
    begun bigint NOT NULL,
    "begunBy" text NOT NULL,
    ended bigint
);
CREATE TABLE public."rolloutMachine" (
    rollout text NOT NULL,
    device text NOT NULL,
    machine text NOT NULL,
    place integer NOT NULL,
    standing text NOT NULL,
    state text NOT NULL,
    exposed integer NOT NULL,
    reported bigint NOT NULL,
    compared bigint NOT NULL,
    differed bigint NOT NULL,
    labelled bigint NOT NULL,
    gained bigint NOT NULL,
    lost bigint NOT NULL,
    trial text
);
INSERT INTO public.device (id, "publicKey", name, labels, joined, seen, counter, status, version, platform, memory) VALUES
	('67076de5961820792130f628234f14ac', '1858f1f4ac0eae7e04bc533c458e6033fb1fecb98ba245af841ad64649ce972d', 'north 3', '{"site":"north"}', 1796277109998, 1796277121600, 19, 'member', '0.2.0', 'linux arm64', 64000000),
	('03bfa8d3c4b9fcdb9f5fc825d91e8f08', '207c8f4e99f526e7023e1aaa1b12ac8e84e6cf0451254bccda740ed447769999', 'north 4', '{"site":"north"}', 1796277110036, 1796277121608, 19, 'member', '0.2.0', 'linux arm64', 64000000),
	('6348e29f5586163fc21b2bda912abe05', '07b6c717ac390a8c81ca1ec641ba6310d41662b6e3d2fac864d60083a5b977fd', 'stolen', '{"site":"north"}', 1796277110367, 1796277110680, 2, 'revoked', '0.2.0', 'linux arm64', 64000000),
	('4a87ca39a7296c56506a70878d5a17b1', 'd9f843f42b1042c114f8a0433ebeb04ec5074fdced40dd724fd0375e6d1bd2c7', 'north 1', '{"site":"north"}', 1796277109917, 1796277121622, 19, 'member', '0.2.0', 'linux arm64', 64000000),
	('14fe31cfb067cc3888092d0f59ae409f', '4978e63fa87e485efe4cca1ef50c333d359ee8e0ac41a6ccbef9e06c86dc80c6', 'old', '{"line":"2","site":"south"}', 1796277110419, 1796277110685, 2, 'retired', '0.2.0', 'linux arm64', 64000000),
	('82a6752a99eba08d683853cd16a7232b', '29673205c96ac97b05a9f0af0d9cb88f3df736583eb167acb49c137c7a1b7f8c', 'spare', '{"site":"north"}', 1796277110488, NULL, 0, 'member', NULL, NULL, NULL),
	('6f49bc7427405f5c1557ebc27e0e25ee', 'fa74b498593651db2a7fd1f23107974f7c3de309c9d010cccf299af4d826e524', 'north 2', '{"site":"north"}', 1796277109948, 1796277121579, 19, 'member', '0.2.0', 'linux arm64', 64000000),
	('119d31d58b264a639f687286fbbba55a', '678555a19583cdf126839dc5db57a12ce2893d057308f060cccca99363c2c481', 'north 8, at the gate', '{"site":"north"}', 1796277110222, 1796277121583, 19, 'member', '0.2.0', 'linux arm64', 64000000),
	('72d223fdf707540c890101f5fcd395eb', '047757758d4ce6c6fa143a5545e9e5e3b3b1821d905cd330add7e9468a1773d1', 'south 1', '{"line":"2","site":"south"}', 1796277110243, 1796277121583, 19, 'member', '0.2.0', 'linux arm64', 64000000),
	('c59e64dd68be0fc4bedfadb8606d52bd', '5667d8c6c4035e761a98b8112f4dea6e93cc5c84065495ab2b931100c54b9e4e', 'south 2', '{"line":"2","site":"south"}', 1796277110268, 1796277121583, 19, 'member', '0.2.0', 'linux arm64', 64000000),
	('a343b985504443234282eec2ebb00bd1', 'eb9834fef606af762463b96fef753ecf108c8ac1368b5ec4fce473717fafe555', 'north 5', '{"site":"north"}', 1796277110054, 1796277121584, 19, 'member', '0.2.0', 'linux arm64', 64000000),
	('48251cf877ae0df30d0ad2492bab3fc0', '438d7e6430979999f0e6257f4a2d40e4d6ff480ccee3715622146355d4a33f28', 'north 6', '{"site":"north"}', 1796277110181, 1796277121584, 19, 'member', '0.2.0', 'linux arm64', 64000000),
	('eb338ae63cc75835943e477784d1318e', '2c5708936e4b899403c8aa9badbece4153405b22bb37d9bbadc13993b8f24e76', 'south 3', '{"line":"2","site":"south"}', 1796277110317, 1796277121590, 19, 'member', '0.2.0', 'linux arm64', 64000000),
	('df39baec6807861a2d911694b988bf0d', '1630cbc73faef348f096f637882532e0302abf023b01226f03641dc1e2b39f80', 'north 7', '{"site":"north"}', 1796277110208, 1796277121599, 19, 'member', '0.2.0', 'linux arm64', 64000000);
INSERT INTO public."deviceLabel" (device, key, value) VALUES
	('4a87ca39a7296c56506a70878d5a17b1', 'site', 'north'),
	('6f49bc7427405f5c1557ebc27e0e25ee', 'site', 'north'),
	('67076de5961820792130f628234f14ac', 'site', 'north'),
	('03bfa8d3c4b9fcdb9f5fc825d91e8f08', 'site', 'north'),
	('a343b985504443234282eec2ebb00bd1', 'site', 'north'),
	('48251cf877ae0df30d0ad2492bab3fc0', 'site', 'north'),
	('df39baec6807861a2d911694b988bf0d', 'site', 'north'),
	('119d31d58b264a639f687286fbbba55a', 'site', 'north'),
	('72d223fdf707540c890101f5fcd395eb', 'line', '2'),
	('72d223fdf707540c890101f5fcd395eb', 'site', 'south'),
	('c59e64dd68be0fc4bedfadb8606d52bd', 'line', '2'),
	('c59e64dd68be0fc4bedfadb8606d52bd', 'site', 'south'),
	('eb338ae63cc75835943e477784d1318e', 'line', '2'),
	('eb338ae63cc75835943e477784d1318e', 'site', 'south'),
	('6348e29f5586163fc21b2bda912abe05', 'site', 'north'),
	('14fe31cfb067cc3888092d0f59ae409f', 'line', '2'),
	('14fe31cfb067cc3888092d0f59ae409f', 'site', 'south'),
	('82a6752a99eba08d683853cd16a7232b', 'site', 'north');
INSERT INTO public.history (number, "time", actor, action, subject, details, previous, hash) VALUES
	(1, 1796277109623, 'controller', 'add-person', '86e7815919ab17b4', '{"name":"administrator","role":"administer"}', '0000000000000000000000000000000000000000000000000000000000000000', '2b7fa3fac71a1185f6b86da263d32f8bfd43fa8055af813d93f9813d14d32ee2'),
	(2, 1796277109727, 'administrator', 'add-person', '2b70ffcc0c1f0026', '{"name":"Ann","role":"release"}', '2b7fa3fac71a1185f6b86da263d32f8bfd43fa8055af813d93f9813d14d32ee2', '93a6e2e57f780a51888ce4b87f03a984bfa06056990709e671627562e7cb0345'),
	(3, 1796277109745, 'administrator', 'add-person', 'c88eef17c93a9a1b', '{"name":"Eva","role":"look"}', '93a6e2e57f780a51888ce4b87f03a984bfa06056990709e671627562e7cb0345', '0da15a68f46f962ed7b232b07fc0bf47a285d3f043dd5e965be9f03a3fe3be9f'),
	(4, 1796277109852, 'administrator', 'add-person', 'dfe153733db1b72b', '{"name":"Bob","role":"operate"}', '0da15a68f46f962ed7b232b07fc0bf47a285d3f043dd5e965be9f03a3fe3be9f', '3aa1b318b34b7270e40ba78ad74f12edc1c78a308fd4f6aadb335bf0d99b6b33'),
	(5, 1796277109877, 'administrator', 'make-token', '868b3007fa79', '{"labels":{"site":"north"},"hours":8760,"uses":12}', '3aa1b318b34b7270e40ba78ad74f12edc1c78a308fd4f6aadb335bf0d99b6b33', '12d613db506883d9b0c5854277708ee665f83ff648e76583010a47b423e37563'),
	(6, 1796277109886, 'administrator', 'make-token', 'ee32ef86498b', '{"labels":{"site":"south","line":"2"},"hours":8760,"uses":5}', '12d613db506883d9b0c5854277708ee665f83ff648e76583010a47b423e37563', '9d1ef5e08ca9c7e84b2557dd0a467406a9efe3cca874b455340f26a63f68e0c0'),
	(7, 1796277109927, '4a87ca39a7296c56506a70878d5a17b1', 'join', '4a87ca39a7296c56506a70878d5a17b1', '{"name":"north 1","labels":{"site":"north"}}', '9d1ef5e08ca9c7e84b2557dd0a467406a9efe3cca874b455340f26a63f68e0c0', 'ec997ec28edd7c316758429e1ab9569b6f68b0865e8201da398dcf258040d35c'),
	(8, 1796277109989, '6f49bc7427405f5c1557ebc27e0e25ee', 'join', '6f49bc7427405f5c1557ebc27e0e25ee', '{"name":"north 2","labels":{"site":"north"}}', 'ec997ec28edd7c316758429e1ab9569b6f68b0865e8201da398dcf258040d35c', '08c00721973549f1abc98240f3edde6857d850d1f299da67ac2fdca2eb27ee98'),
	(9, 1796277110009, '67076de5961820792130f628234f14ac', 'join', '67076de5961820792130f628234f14ac', '{"name":"north 3","labels":{"site":"north"}}', '08c00721973549f1abc98240f3edde6857d850d1f299da67ac2fdca2eb27ee98', '1e3a0447635f33e68ba39cc10de3a12ceec7174569eb0f7c4c2f098f4997971a'),
	(10, 1796277110045, '03bfa8d3c4b9fcdb9f5fc825d91e8f08', 'join', '03bfa8d3c4b9fcdb9f5fc825d91e8f08', '{"name":"north 4","labels":{"site":"north"}}', '1e3a0447635f33e68ba39cc10de3a12ceec7174569eb0f7c4c2f098f4997971a', 'b29012b6b314f78eff9ec0826a97fd874da818073fd6ea328dcf7ef62adccd82'),
	(11, 1796277110070, 'a343b985504443234282eec2ebb00bd1', 'join', 'a343b985504443234282eec2ebb00bd1', '{"name":"north 5","labels":{"site":"north"}}', 'b29012b6b314f78eff9ec0826a97fd874da818073fd6ea328dcf7ef62adccd82', 'e87c31f5e721220c4ad82ea75033cc2cdce76073e061835c55493d1f04790b26'),
	(12, 1796277110195, '48251cf877ae0df30d0ad2492bab3fc0', 'join', '48251cf877ae0df30d0ad2492bab3fc0', '{"name":"north 6","labels":{"site":"north"}}', 'e87c31f5e721220c4ad82ea75033cc2cdce76073e061835c55493d1f04790b26', '9db8112e21ebe332baac294c048a4fd405065e8f8549b7a3574960acca2f3d57'),
	(13, 1796277110213, 'df39baec6807861a2d911694b988bf0d', 'join', 'df39baec6807861a2d911694b988bf0d', '{"name":"north 7","labels":{"site":"north"}}', '9db8112e21ebe332baac294c048a4fd405065e8f8549b7a3574960acca2f3d57', '5213f55c100b00731e1445a9eaaa90510597dbccd4b09ca210665dc1680aab9c'),
	(14, 1796277110228, '119d31d58b264a639f687286fbbba55a', 'join', '119d31d58b264a639f687286fbbba55a', '{"name":"north 8","labels":{"site":"north"}}', '5213f55c100b00731e1445a9eaaa90510597dbccd4b09ca210665dc1680aab9c', '4aaecffa1ae995ffeeabcf5b1abf2c975aee9adf496548dc0fe9a8a499f5f5fe'),
	(15, 1796277110255, '72d223fdf707540c890101f5fcd395eb', 'join', '72d223fdf707540c890101f5fcd395eb', '{"name":"south 1","labels":{"line":"2","site":"south"}}', '4aaecffa1ae995ffeeabcf5b1abf2c975aee9adf496548dc0fe9a8a499f5f5fe', 'd0d87396c8fd23374fff23df948933b01c36749b6f28c68d8e6992914e42a8bc'),
	(16, 1796277110291, 'c59e64dd68be0fc4bedfadb8606d52bd', 'join', 'c59e64dd68be0fc4bedfadb8606d52bd', '{"name":"south 2","labels":{"line":"2","site":"south"}}', 'd0d87396c8fd23374fff23df948933b01c36749b6f28c68d8e6992914e42a8bc', 'fca9712c19c902282f3ad70f4f046aec3d1616292ef7d3b2a0d6a93d4d266f19'),
	(17, 1796277110332, 'eb338ae63cc75835943e477784d1318e', 'join', 'eb338ae63cc75835943e477784d1318e', '{"name":"south 3","labels":{"line":"2","site":"south"}}', 'fca9712c19c902282f3ad70f4f046aec3d1616292ef7d3b2a0d6a93d4d266f19', '27e34e905fdb75abb70e060950d48af147b6cf7a34bdc7a36644ad321cb2f928'),
	(18, 1796277110384, '6348e29f5586163fc21b2bda912abe05', 'join', '6348e29f5586163fc21b2bda912abe05', '{"name":"stolen","labels":{"site":"north"}}', '27e34e905fdb75abb70e060950d48af147b6cf7a34bdc7a36644ad321cb2f928', 'c5df157afd0cecb53e8caad34868694d387650dc15433bb342210886d5007716'),
	(19, 1796277110441, '14fe31cfb067cc3888092d0f59ae409f', 'join', '14fe31cfb067cc3888092d0f59ae409f', '{"name":"old","labels":{"line":"2","site":"south"}}', 'c5df157afd0cecb53e8caad34868694d387650dc15433bb342210886d5007716', '6d04eed94d22344a01c7a5769e0e51c7a95395b08bf96ea58aaf5ef492832c93'),
	(20, 1796277110552, '82a6752a99eba08d683853cd16a7232b', 'join', '82a6752a99eba08d683853cd16a7232b', '{"name":"spare","labels":{"site":"north"}}', '6d04eed94d22344a01c7a5769e0e51c7a95395b08bf96ea58aaf5ef492832c93', 'bb0936e2cfc99423de41beed16302e2ccbbc4eeb8df60a2544030def3785516e'),
	(21, 1796277111061, 'administrator', 'revoke', '6348e29f5586163fc21b2bda912abe05', '{}', 'bb0936e2cfc99423de41beed16302e2ccbbc4eeb8df60a2544030def3785516e', 'a6cc17d8e07491a35aa654ef87d357787b332ef74091e725edfa9d922533df72'),
	(22, 1796277111125, 'administrator', 'retire', '14fe31cfb067cc3888092d0f59ae409f', '{}', 'a6cc17d8e07491a35aa654ef87d357787b332ef74091e725edfa9d922533df72', '89a5ef5811debc8590a1908dabce12b923ddf9d6206d4cb6642c8a3d3f356d36'),
	(23, 1796277111160, 'administrator', 'rename', '119d31d58b264a639f687286fbbba55a', '{"before":"north 8","name":"north 8, at the gate"}', '89a5ef5811debc8590a1908dabce12b923ddf9d6206d4cb6642c8a3d3f356d36', '7b4c0c131e66a5c4412b690e96188c05b2c9673bb65745f46473d59f8bac0b9d'),
	(24, 1796277111299, 'Ann', 'begin', '94f481e06d20a3d5', '{"name":"belt 2","model":"belt","channel":"stable","sha256":"eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee","plan":{"carrying":"carry","shadow":50,"shadowDays":14,"approval":false,"waves":[0.25,0.5,1],"waveHours":0,"gates":{"abortMargin":0.005,"goMargin":0.02,"abortEvidence":100,"goEvidence":20},"mostFailed":0.5,"mostSilent":0.2},"labels":{"site":"south"},"machines":3}', '7b4c0c131e66a5c4412b690e96188c05b2c9673bb65745f46473d59f8bac0b9d', '1c95ca2989f036010afe9e74540a50fbd02b3f6a8f1e34900e306916b9d4e750'),
	(25, 1796277111781, 'controller', 'advance', '94f481e06d20a3d5', '{"from":"shadow","phase":"held","waves":0,"since":1796277111770,"reason":"it is not worse by its labels, but 3 machines are too few to decide by them","machines":3,"asked":3,"reached":3,"failed":0,"silent":0,"tried":3,"failures":0,"evidence":{"worse":0.011067025021214538,"notWorse":1.458271671223547e+73}}', '1c95ca2989f036010afe9e74540a50fbd02b3f6a8f1e34900e306916b9d4e750', 'f6d2844cf7ca6b717785387abff54781247da4cf439ea89908f81cba44016748'),
	(26, 1796277112290, 'Ann', 'approve', '94f481e06d20a3d5', '{}', 'f6d2844cf7ca6b717785387abff54781247da4cf439ea89908f81cba44016748', '541c0180cff4f20ec6543d52e17d99c664607c382e8418a5143460238ab14d36'),
	(27, 1796277112887, 'controller', 'advance', '94f481e06d20a3d5', '{"from":"waves","phase":"waves","waves":2,"since":1796277112876,"machines":3,"asked":1,"reached":1,"failed":0,"silent":0,"tried":3,"failures":0,"evidence":{"worse":0.010151871633089494,"notWorse":4.2736897229185474e+75}}', '541c0180cff4f20ec6543d52e17d99c664607c382e8418a5143460238ab14d36', 'b3641f5f66a36bcb32e13426378b64b868e47bb5fc5db02a8b94d7d366556626'),
	(28, 1796277113974, 'controller', 'advance', '94f481e06d20a3d5', '{"from":"waves","phase":"waves","waves":3,"since":1796277113964,"machines":3,"asked":2,"reached":2,"failed":0,"silent":0,"tried":3,"failures":0,"evidence":{"worse":0.009313676244615501,"notWorse":1.252470592976345e+78}}', 'b3641f5f66a36bcb32e13426378b64b868e47bb5fc5db02a8b94d7d366556626', 'dcf8efa24909cc22a6e14bdb211a07f4315a068273118ec86978f36a6d9d7639'),
	(29, 1796277115010, 'controller', 'advance', '94f481e06d20a3d5', '{"from":"waves","phase":"done","waves":3,"since":1796277115002,"machines":3,"asked":3,"reached":3,"failed":0,"silent":0,"tried":3,"failures":0,"evidence":{"worse":0.00854567741395738,"notWorse":3.670557967411932e+80}}', 'dcf8efa24909cc22a6e14bdb211a07f4315a068273118ec86978f36a6d9d7639', '99e1f394575ed4c2b75cf0f028a5e57c3a7cf2ec4668ecb87bf300b1a6f83433'),
	(30, 1796277115333, 'Ann', 'begin', '3bd2ca7d6e838d42', '{"name":"saw 2","model":"saw","channel":"stable","sha256":"eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee","plan":{"carrying":"carry","shadow":50,"shadowDays":14,"approval":false,"waves":[0.25,0.5,1],"waveHours":0,"gates":{"abortMargin":0.005,"goMargin":0.02,"abortEvidence":100,"goEvidence":20},"mostFailed":0.5,"mostSilent":0.2},"labels":{"site":"south"},"machines":3}', '99e1f394575ed4c2b75cf0f028a5e57c3a7cf2ec4668ecb87bf300b1a6f83433', 'cb8809667a8c90b9aaff7c5ca693fb5e4e0a4aae2f4c6264c3f88a20f0e4a7ec'),
	(33, 1796277118121, 'controller', 'advance', '3bd2ca7d6e838d42', '{"from":"waves","phase":"waves","waves":2,"since":1796277118113,"machines":3,"asked":1,"reached":1,"failed":0,"silent":0,"tried":3,"failures":0,"evidence":{"worse":0.010151871633089494,"notWorse":4.2736897229185474e+75}}', '38508dc5205f4c719264f1ff374110bfcd225950d801486d10be03f6e303db18', 'ee70ad290c8469de6b6f5d660db82ee1d8ff9bc5fc7d045e1016040dfad04805'),
	(34, 1796277118438, 'Ann', 'begin', 'df5d9554ad281415', '{"name":"pump 2","model":"pump","channel":"stable","sha256":"eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee","plan":{"carrying":"carry","shadow":50,"shadowDays":14,"approval":false,"waves":[0.25,0.5,1],"waveHours":0,"gates":{"abortMargin":0.005,"goMargin":0.02,"abortEvidence":100,"goEvidence":20},"mostFailed":0.5,"mostSilent":0.2},"labels":{"site":"north"},"machines":8}', 'ee70ad290c8469de6b6f5d660db82ee1d8ff9bc5fc7d045e1016040dfad04805', '9f7d8d773cefe132dd2cedd2390709662268985b3f8aacbfff3cc5cab7e70317'),
	(35, 1796277119235, 'controller', 'advance', 'df5d9554ad281415', '{"from":"shadow","phase":"held","waves":0,"since":1796277119227,"reason":"it is not worse by its labels, but 8 machines are too few to decide by them","machines":8,"asked":8,"reached":8,"failed":0,"silent":0,"tried":8,"failures":0,"evidence":{"worse":0.0001535540174158601,"notWorse":3.2513663331303242e+196}}', '9f7d8d773cefe132dd2cedd2390709662268985b3f8aacbfff3cc5cab7e70317', '5b8dc2ca3a276effdbd597259cd4581a62f3011916bc648e5a81eb6827431c79'),
	(36, 1796277119721, 'Ann', 'approve', 'df5d9554ad281415', '{}', '5b8dc2ca3a276effdbd597259cd4581a62f3011916bc648e5a81eb6827431c79', '1d022d3588ead910648a93787adb0bc8fb98e7ac4effe62acf24ab43aee95b6a'),
	(37, 1796277120376, 'controller', 'advance', 'df5d9554ad281415', '{"from":"waves","phase":"waves","waves":2,"since":1796277120366,"machines":8,"asked":2,"reached":2,"failed":0,"silent":0,"tried":8,"failures":0,"evidence":{"worse":0.00012943300538474902,"notWorse":2.7925117106761677e+201}}', '1d022d3588ead910648a93787adb0bc8fb98e7ac4effe62acf24ab43aee95b6a', '9e7024f582d44843b705b6c0530ec87a9ef047a1cce08c1b76100e236bb19635'),
	(31, 1796277116068, 'controller', 'advance', '3bd2ca7d6e838d42', '{"from":"shadow","phase":"held","waves":0,"since":1796277116060,"reason":"it is not worse by its labels, but 3 machines are too few to decide by them","machines":3,"asked":3,"reached":3,"failed":0,"silent":0,"tried":3,"failures":0,"evidence":{"worse":0.011067025021214538,"notWorse":1.458271671223547e+73}}', 'cb8809667a8c90b9aaff7c5ca693fb5e4e0a4aae2f4c6264c3f88a20f0e4a7ec', '011bfa1a0be2eef3f591112b258702aa7d5e9b0731286e825364edfa14dceffc'),
	(32, 1796277116608, 'Ann', 'approve', '3bd2ca7d6e838d42', '{}', '011bfa1a0be2eef3f591112b258702aa7d5e9b0731286e825364edfa14dceffc', '38508dc5205f4c719264f1ff374110bfcd225950d801486d10be03f6e303db18'),
	(38, 1796277120912, 'Ann', 'begin', 'b8fcf3506a01768e', '{"name":"fan 2","model":"fan","channel":"stable","sha256":"ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff","plan":{"carrying":"carry","shadow":50,"shadowDays":14,"approval":true,"waves":[0.25,0.5,1],"waveHours":0,"gates":{"abortMargin":0.005,"goMargin":0.02,"abortEvidence":100,"goEvidence":20},"mostFailed":0.5,"mostSilent":0.2},"labels":{"site":"north"},"machines":8}', '9e7024f582d44843b705b6c0530ec87a9ef047a1cce08c1b76100e236bb19635', '6961811e302a82f663427e81513fad7a02ee2b2bf5143b8e75567cae6fd35593'),
	(39, 1796277121473, 'controller', 'advance', 'b8fcf3506a01768e', '{"from":"shadow","phase":"held","waves":0,"since":1796277121460,"reason":"it is not worse by its labels, but 8 machines are too few to decide by them","machines":8,"asked":8,"reached":8,"failed":0,"silent":0,"tried":8,"failures":0,"evidence":{"worse":0.0006025533509079369,"notWorse":1.098077810389278e+157}}', '6961811e302a82f663427e81513fad7a02ee2b2bf5143b8e75567cae6fd35593', 'a30970bd28bc678ed6487d174c7ee8a2fe22be0b291dc915f25e72be7d337102'),
	(40, 1796277121550, 'Ann', 'begin', '69675ae52879aa6f', '{"name":"mill 2","model":"mill","channel":"stable","sha256":"eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee","plan":{"carrying":"carry","shadow":77,"shadowDays":14,"approval":false,"waves":[0.5,1],"waveHours":24,"gates":{"abortMargin":0.005,"goMargin":0.02,"abortEvidence":100,"goEvidence":20},"mostFailed":0.5,"mostSilent":0.2},"labels":{"site":"south"},"machines":3}', 'a30970bd28bc678ed6487d174c7ee8a2fe22be0b291dc915f25e72be7d337102', 'a080e6f427a7dfe3756a9214f37d9745a300bc56ac2877b42db8dae3b7630a27'),
	(41, 1796277121643, 'administrator', 'pause', '69675ae52879aa6f', '{}', 'a080e6f427a7dfe3756a9214f37d9745a300bc56ac2877b42db8dae3b7630a27', 'ae836230bce14cc18df297e0b77d5fc4c6aa0f8efa61f960cfc324506bb7823b'),
	(42, 1796277121655, 'administrator', 'abort', '3bd2ca7d6e838d42', '{}', 'ae836230bce14cc18df297e0b77d5fc4c6aa0f8efa61f960cfc324506bb7823b', 'dfb04b028c016d07e46ed8b2b5cfc910a13b03740c0079e9fdd82ea05a0569ab');
INSERT INTO public."historyHead" (id, number, hash) VALUES
	(1, 42, 'dfb04b028c016d07e46ed8b2b5cfc910a13b03740c0079e9fdd82ea05a0569ab');
INSERT INTO public."joinToken" (hash, labels, expires, uses, "madeBy", made) VALUES
	('ee32ef86498bb0bd083765d7060da2e03177cd1a905832b6e0ad19780b425d46', '{"line":"2","site":"south"}', 253370764800000, 1, 'administrator', 1796277109886),
	('868b3007fa79e41145e61a77b7a74c5d7281abd2cfa07a53468f97a4a98a58de', '{"site":"north"}', 253370764800000, 2, 'administrator', 1796277109876);
INSERT INTO public.kysely_migration (name, "timestamp") VALUES
	('0001-leases-and-history', '2026-12-03T05:51:49.361Z'),
	('0002-devices', '2026-12-03T05:51:49.394Z'),
	('0003-rollouts', '2026-12-03T05:51:49.511Z'),
	('0004-people', '2026-12-03T05:51:49.519Z');
INSERT INTO public.kysely_migration_lock (id, is_locked) VALUES
	('migration_lock', 0);
INSERT INTO public.lease (name, holder, epoch, expires) VALUES
	('94f481e06d20a3d5', 'vm 7117 d3c870af-6666-46bb-a103-c816d32e1c8b', 1, 0),
	('3bd2ca7d6e838d42', 'vm 7117 d3c870af-6666-46bb-a103-c816d32e1c8b', 1, 0),
	('df5d9554ad281415', 'vm 7117 d3c870af-6666-46bb-a103-c816d32e1c8b', 1, 0),
	('b8fcf3506a01768e', 'vm 7117 d3c870af-6666-46bb-a103-c816d32e1c8b', 1, 0),
	('69675ae52879aa6f', 'vm 7117 d3c870af-6666-46bb-a103-c816d32e1c8b', 1, 0);
INSERT INTO public.machine (device, machine, model, channel, groups, state, base, "baseName", carrying, since, former, candidate, refused, readings, "right", "rightOf", lessons, alarms, drift, pinned, problem) VALUES
	('14fe31cfb067cc3888092d0f59ae409f', 'belt', 'belt', 'stable', '[]', 'idle', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 'belt.spike', NULL, '2026-12-01T00:00:00.000Z', NULL, NULL, '[]', 5000, 90, 100, 100, 2, 0, 0, NULL),
	('6348e29f5586163fc21b2bda912abe05', 'pump', 'pump', 'stable', '[]', 'idle', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 'pump.spike', NULL, '2026-12-01T00:00:00.000Z', NULL, NULL, '[]', 5000, 90, 100, 100, 2, 0, 0, NULL),
	('eb338ae63cc75835943e477784d1318e', 'belt', 'belt', 'stable', '[]', 'probation', 'eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee', 'belt.spike', 'carry', '2026-12-01T00:00:00.000Z', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', NULL, '[]', 5000, 90, 100, 100, 2, 0, 0, NULL),
	('72d223fdf707540c890101f5fcd395eb', 'saw', 'saw', 'stable', '[]', 'shadow', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 'saw.spike', NULL, '2026-12-01T00:00:00.000Z', NULL, 'eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee', '[]', 5000, 90, 100, 100, 2, 0, 0, NULL),
	('c59e64dd68be0fc4bedfadb8606d52bd', 'saw', 'saw', 'stable', '[]', 'shadow', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 'saw.spike', NULL, '2026-12-01T00:00:00.000Z', NULL, 'eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee', '[]', 5000, 90, 100, 100, 2, 0, 0, NULL),
	('c59e64dd68be0fc4bedfadb8606d52bd', 'belt', 'belt', 'stable', '[]', 'probation', 'eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee', 'belt.spike', 'carry', '2026-12-01T00:00:00.000Z', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', NULL, '[]', 5000, 90, 100, 100, 2, 0, 0, NULL),
	('72d223fdf707540c890101f5fcd395eb', 'belt', 'belt', 'stable', '[]', 'probation', 'eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee', 'belt.spike', 'carry', '2026-12-01T00:00:00.000Z', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', NULL, '[]', 5000, 90, 100, 100, 2, 0, 0, NULL),
	('4a87ca39a7296c56506a70878d5a17b1', 'pump', 'pump', 'stable', '[]', 'shadow', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 'pump.spike', NULL, '2026-12-01T00:00:00.000Z', NULL, 'eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee', '[]', 5000, 90, 100, 100, 2, 0, 0, NULL),
	('eb338ae63cc75835943e477784d1318e', 'saw', 'saw', 'stable', '[]', 'probation', 'eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee', 'saw.spike', 'carry', '2026-12-01T00:00:00.000Z', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', NULL, '[]', 5000, 90, 100, 100, 2, 0, 0, NULL),
	('119d31d58b264a639f687286fbbba55a', 'pump', 'pump', 'stable', '[]', 'shadow', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 'pump.spike', NULL, '2026-12-01T00:00:00.000Z', NULL, 'eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee', '[]', 5000, 90, 100, 100, 2, 0, 0, NULL),
	('a343b985504443234282eec2ebb00bd1', 'pump', 'pump', 'stable', '[]', 'shadow', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 'pump.spike', NULL, '2026-12-01T00:00:00.000Z', NULL, 'eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee', '[]', 5000, 90, 100, 100, 2, 0, 0, NULL),
	('48251cf877ae0df30d0ad2492bab3fc0', 'fan', 'fan', 'stable', '[]', 'shadow', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 'fan.spike', NULL, '2026-12-01T00:00:00.000Z', NULL, 'ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff', '[]', 5000, 90, 100, 100, 2, 0, 0, NULL),
	('4a87ca39a7296c56506a70878d5a17b1', 'fan', 'fan', 'stable', '[]', 'shadow', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 'fan.spike', NULL, '2026-12-01T00:00:00.000Z', NULL, 'ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff', '[]', 5000, 90, 100, 100, 2, 0, 0, NULL),
	('03bfa8d3c4b9fcdb9f5fc825d91e8f08', 'fan', 'fan', 'stable', '[]', 'shadow', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 'fan.spike', NULL, '2026-12-01T00:00:00.000Z', NULL, 'ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff', '[]', 5000, 90, 100, 100, 2, 0, 0, NULL),
	('df39baec6807861a2d911694b988bf0d', 'fan', 'fan', 'stable', '[]', 'shadow', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 'fan.spike', NULL, '2026-12-01T00:00:00.000Z', NULL, 'ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff', '[]', 5000, 90, 100, 100, 2, 0, 0, NULL),
	('119d31d58b264a639f687286fbbba55a', 'fan', 'fan', 'stable', '[]', 'shadow', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 'fan.spike', NULL, '2026-12-01T00:00:00.000Z', NULL, 'ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff', '[]', 5000, 90, 100, 100, 2, 0, 0, NULL),
	('6f49bc7427405f5c1557ebc27e0e25ee', 'fan', 'fan', 'stable', '[]', 'shadow', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 'fan.spike', NULL, '2026-12-01T00:00:00.000Z', NULL, 'ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff', '[]', 5000, 90, 100, 100, 2, 0, 0, NULL),
	('a343b985504443234282eec2ebb00bd1', 'fan', 'fan', 'stable', '[]', 'shadow', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 'fan.spike', NULL, '2026-12-01T00:00:00.000Z', NULL, 'ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff', '[]', 5000, 90, 100, 100, 2, 0, 0, NULL),
	('67076de5961820792130f628234f14ac', 'fan', 'fan', 'stable', '[]', 'shadow', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 'fan.spike', NULL, '2026-12-01T00:00:00.000Z', NULL, 'ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff', '[]', 5000, 90, 100, 100, 2, 0, 0, NULL),
	('c59e64dd68be0fc4bedfadb8606d52bd', 'mill', 'mill', 'stable', '[]', 'shadow', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 'mill.spike', NULL, '2026-12-01T00:00:00.000Z', NULL, 'eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee', '[]', 5000, 90, 100, 100, 2, 0, 0, NULL),
	('72d223fdf707540c890101f5fcd395eb', 'mill', 'mill', 'stable', '[]', 'shadow', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 'mill.spike', NULL, '2026-12-01T00:00:00.000Z', NULL, 'eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee', '[]', 5000, 90, 100, 100, 2, 0, 0, NULL),
	('eb338ae63cc75835943e477784d1318e', 'mill', 'mill', 'stable', '[]', 'shadow', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 'mill.spike', NULL, '2026-12-01T00:00:00.000Z', NULL, 'eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee', '[]', 5000, 90, 100, 100, 2, 0, 0, NULL),
	('67076de5961820792130f628234f14ac', 'pump', 'pump', 'stable', '[]', 'probation', 'eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee', 'pump.spike', 'carry', '2026-12-01T00:00:00.000Z', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', NULL, '[]', 5000, 90, 100, 100, 2, 0, 0, NULL),
	('03bfa8d3c4b9fcdb9f5fc825d91e8f08', 'pump', 'pump', 'stable', '[]', 'shadow', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 'pump.spike', NULL, '2026-12-01T00:00:00.000Z', NULL, 'eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee', '[]', 5000, 90, 100, 100, 2, 0, 0, NULL),
	('48251cf877ae0df30d0ad2492bab3fc0', 'pump', 'pump', 'stable', '[]', 'probation', 'eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee', 'pump.spike', 'carry', '2026-12-01T00:00:00.000Z', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', NULL, '[]', 5000, 90, 100, 100, 2, 0, 0, NULL),
	('df39baec6807861a2d911694b988bf0d', 'pump', 'pump', 'stable', '[]', 'shadow', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 'pump.spike', NULL, '2026-12-01T00:00:00.000Z', NULL, 'eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee', '[]', 5000, 90, 100, 100, 2, 0, 0, NULL),
	('6f49bc7427405f5c1557ebc27e0e25ee', 'pump', 'pump', 'stable', '[]', 'probation', 'eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee', 'pump.spike', 'carry', '2026-12-01T00:00:00.000Z', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', NULL, '[]', 5000, 90, 100, 100, 2, 0, 0, NULL);
INSERT INTO public.person (id, name, role, hash, made, "madeBy") VALUES
	('86e7815919ab17b4', 'administrator', 'administer', '74e1a8120a6bbbf9512a1e144f2b5454b5cb5e41b2eaa7bbdeaf88ee135300ac', 1796277109621, 'controller'),
	('2b70ffcc0c1f0026', 'Ann', 'release', '4b95f05fd9dbd6c268ceac6d2d57aeb8cd5f40b687f53d7ff69c7604c2052ec9', 1796277109726, 'administrator'),
	('c88eef17c93a9a1b', 'Eva', 'look', 'd655e5076b38fa5a119b241af331e12e348fcab7e5b0fcd6fe04e79143ad97e5', 1796277109744, 'administrator'),
	('dfe153733db1b72b', 'Bob', 'operate', 'e78042dd7af48885270e7b9251342508bf80ff6932f0078976559072f2fddb71', 1796277109848, 'administrator');
INSERT INTO public.rollout (id, name, model, channel, sha256, labels, plan, machines, installed, phase, waves, "waveTimes", since, reason, paused, begun, "begunBy", ended) VALUES
	('df5d9554ad281415', 'pump 2', 'pump', 'stable', 'eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee', '{"site":"north"}', '{"carrying":"carry","shadow":50,"shadowDays":14,"approval":false,"waves":[0.25,0.5,1],"waveHours":0,"gates":{"abortMargin":0.005,"goMargin":0.02,"abortEvidence":100,"goEvidence":20},"mostFailed":0.5,"mostSilent":0.2}', 8, 3, 'waves', 2, '[1796277119716,1796277120366]', 1796277120366, NULL, 0, 1796277118430, 'Ann', NULL),
	('b8fcf3506a01768e', 'fan 2', 'fan', 'stable', 'ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff', '{"site":"north"}', '{"carrying":"carry","shadow":50,"shadowDays":14,"approval":true,"waves":[0.25,0.5,1],"waveHours":0,"gates":{"abortMargin":0.005,"goMargin":0.02,"abortEvidence":100,"goEvidence":20},"mostFailed":0.5,"mostSilent":0.2}', 8, 0, 'held', 0, '[]', 1796277121460, 'it is not worse by its labels, but 8 machines are too few to decide by them', 0, 1796277120891, 'Ann', NULL),
	('94f481e06d20a3d5', 'belt 2', 'belt', 'stable', 'eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee', '{"site":"south"}', '{"carrying":"carry","shadow":50,"shadowDays":14,"approval":false,"waves":[0.25,0.5,1],"waveHours":0,"gates":{"abortMargin":0.005,"goMargin":0.02,"abortEvidence":100,"goEvidence":20},"mostFailed":0.5,"mostSilent":0.2}', 3, 3, 'done', 3, '[1796277112257,1796277112876,1796277113964]', 1796277115002, NULL, 0, 1796277111247, 'Ann', 1796277115002),
	('69675ae52879aa6f', 'mill 2', 'mill', 'stable', 'eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee', '{"site":"south"}', '{"carrying":"carry","shadow":77,"shadowDays":14,"approval":false,"waves":[0.5,1],"waveHours":24,"gates":{"abortMargin":0.005,"goMargin":0.02,"abortEvidence":100,"goEvidence":20},"mostFailed":0.5,"mostSilent":0.2}', 3, 0, 'shadow', 0, '[]', 1796277121546, NULL, 1, 1796277121546, 'Ann', NULL),
	('3bd2ca7d6e838d42', 'saw 2', 'saw', 'stable', 'eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee', '{"site":"south"}', '{"carrying":"carry","shadow":50,"shadowDays":14,"approval":false,"waves":[0.25,0.5,1],"waveHours":0,"gates":{"abortMargin":0.005,"goMargin":0.02,"abortEvidence":100,"goEvidence":20},"mostFailed":0.5,"mostSilent":0.2}', 3, 1, 'stopped', 2, '[1796277116601,1796277118113]', 1796277121653, 'administrator aborted it', 0, 1796277115314, 'Ann', 1796277121653);
INSERT INTO public."rolloutMachine" (rollout, device, machine, place, standing, state, exposed, reported, compared, differed, labelled, gained, lost, trial) VALUES
	('b8fcf3506a01768e', '67076de5961820792130f628234f14ac', 'fan', 0, 'open', 'trying', 0, 1796277121600, 800, 80, 80, 64, 0, '{"compared":800,"differed":80,"labelled":80,"gained":64,"lost":0}'),
	('df5d9554ad281415', '67076de5961820792130f628234f14ac', 'pump', 2, 'open', 'installed', 1, 1796277121600, 1100, 110, 110, 88, 0, '{"compared":1000,"differed":100,"labelled":100,"gained":80,"lost":0}'),
	('df5d9554ad281415', 'a343b985504443234282eec2ebb00bd1', 'pump', 6, 'open', 'trying', 0, 1796277121584, 1000, 100, 100, 80, 0, '{"compared":1000,"differed":100,"labelled":100,"gained":80,"lost":0}'),
	('b8fcf3506a01768e', '4a87ca39a7296c56506a70878d5a17b1', 'fan', 6, 'open', 'trying', 0, 1796277121622, 800, 80, 80, 64, 0, '{"compared":800,"differed":80,"labelled":80,"gained":64,"lost":0}'),
	('69675ae52879aa6f', 'c59e64dd68be0fc4bedfadb8606d52bd', 'mill', 0, 'open', 'trying', 0, 1796277121583, 60, 6, 6, 4, 0, '{"compared":60,"differed":6,"labelled":6,"gained":4,"lost":0}'),
	('df5d9554ad281415', '4a87ca39a7296c56506a70878d5a17b1', 'pump', 7, 'open', 'trying', 0, 1796277121622, 1000, 100, 100, 80, 0, '{"compared":1000,"differed":100,"labelled":100,"gained":80,"lost":0}'),
	('3bd2ca7d6e838d42', 'c59e64dd68be0fc4bedfadb8606d52bd', 'saw', 1, 'ended', 'trying', 0, 1796277121583, 1000, 100, 100, 80, 0, '{"compared":1000,"differed":100,"labelled":100,"gained":80,"lost":0}'),
	('94f481e06d20a3d5', 'c59e64dd68be0fc4bedfadb8606d52bd', 'belt', 0, 'ended', 'installed', 1, 1796277114725, 1100, 110, 110, 88, 0, '{"compared":1000,"differed":100,"labelled":100,"gained":80,"lost":0}'),
	('94f481e06d20a3d5', '72d223fdf707540c890101f5fcd395eb', 'belt', 1, 'ended', 'installed', 1, 1796277114710, 1100, 110, 110, 88, 0, '{"compared":1000,"differed":100,"labelled":100,"gained":80,"lost":0}'),
	('94f481e06d20a3d5', 'eb338ae63cc75835943e477784d1318e', 'belt', 2, 'ended', 'installed', 1, 1796277114709, 1100, 110, 110, 88, 0, '{"compared":1000,"differed":100,"labelled":100,"gained":80,"lost":0}'),
	('b8fcf3506a01768e', '48251cf877ae0df30d0ad2492bab3fc0', 'fan', 1, 'open', 'trying', 0, 1796277121584, 800, 80, 80, 64, 0, '{"compared":800,"differed":80,"labelled":80,"gained":64,"lost":0}'),
	('b8fcf3506a01768e', 'a343b985504443234282eec2ebb00bd1', 'fan', 7, 'open', 'trying', 0, 1796277121584, 800, 80, 80, 64, 0, '{"compared":800,"differed":80,"labelled":80,"gained":64,"lost":0}'),
	('df5d9554ad281415', '48251cf877ae0df30d0ad2492bab3fc0', 'pump', 0, 'open', 'installed', 1, 1796277121584, 1100, 110, 110, 88, 0, '{"compared":1000,"differed":100,"labelled":100,"gained":80,"lost":0}'),
	('b8fcf3506a01768e', '6f49bc7427405f5c1557ebc27e0e25ee', 'fan', 3, 'open', 'trying', 0, 1796277121579, 800, 80, 80, 64, 0, '{"compared":800,"differed":80,"labelled":80,"gained":64,"lost":0}'),
	('df5d9554ad281415', '6f49bc7427405f5c1557ebc27e0e25ee', 'pump', 1, 'open', 'installed', 1, 1796277121579, 1100, 110, 110, 88, 0, '{"compared":1000,"differed":100,"labelled":100,"gained":80,"lost":0}'),
	('b8fcf3506a01768e', '119d31d58b264a639f687286fbbba55a', 'fan', 2, 'open', 'trying', 0, 1796277121583, 800, 80, 80, 64, 0, '{"compared":800,"differed":80,"labelled":80,"gained":64,"lost":0}'),
	('df5d9554ad281415', '119d31d58b264a639f687286fbbba55a', 'pump', 5, 'open', 'trying', 0, 1796277121583, 1000, 100, 100, 80, 0, '{"compared":1000,"differed":100,"labelled":100,"gained":80,"lost":0}'),
	('69675ae52879aa6f', '72d223fdf707540c890101f5fcd395eb', 'mill', 1, 'open', 'trying', 0, 1796277121583, 60, 6, 6, 4, 0, '{"compared":60,"differed":6,"labelled":6,"gained":4,"lost":0}'),
	('69675ae52879aa6f', 'eb338ae63cc75835943e477784d1318e', 'mill', 2, 'open', 'trying', 0, 1796277121590, 60, 6, 6, 4, 0, '{"compared":60,"differed":6,"labelled":6,"gained":4,"lost":0}'),
	('b8fcf3506a01768e', 'df39baec6807861a2d911694b988bf0d', 'fan', 5, 'open', 'trying', 0, 1796277121599, 800, 80, 80, 64, 0, '{"compared":800,"differed":80,"labelled":80,"gained":64,"lost":0}'),
	('df5d9554ad281415', 'df39baec6807861a2d911694b988bf0d', 'pump', 4, 'open', 'trying', 0, 1796277121599, 1000, 100, 100, 80, 0, '{"compared":1000,"differed":100,"labelled":100,"gained":80,"lost":0}'),
	('3bd2ca7d6e838d42', 'eb338ae63cc75835943e477784d1318e', 'saw', 0, 'ended', 'installed', 1, 1796277121590, 1100, 110, 110, 88, 0, '{"compared":1000,"differed":100,"labelled":100,"gained":80,"lost":0}'),
	('3bd2ca7d6e838d42', '72d223fdf707540c890101f5fcd395eb', 'saw', 2, 'ended', 'trying', 0, 1796277121583, 1000, 100, 100, 80, 0, '{"compared":1000,"differed":100,"labelled":100,"gained":80,"lost":0}'),
	('b8fcf3506a01768e', '03bfa8d3c4b9fcdb9f5fc825d91e8f08', 'fan', 4, 'open', 'trying', 0, 1796277121608, 800, 80, 80, 64, 0, '{"compared":800,"differed":80,"labelled":80,"gained":64,"lost":0}'),
	('df5d9554ad281415', '03bfa8d3c4b9fcdb9f5fc825d91e8f08', 'pump', 3, 'open', 'trying', 0, 1796277121608, 1000, 100, 100, 80, 0, '{"compared":1000,"differed":100,"labelled":100,"gained":80,"lost":0}');
ALTER TABLE ONLY public."deviceLabel"
    ADD CONSTRAINT "deviceLabel_key" PRIMARY KEY (device, key);
ALTER TABLE ONLY public.device
    ADD CONSTRAINT device_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public."historyHead"
    ADD CONSTRAINT "historyHead_pkey" PRIMARY KEY (id);
ALTER TABLE ONLY public.history
    ADD CONSTRAINT history_pkey PRIMARY KEY (number);
ALTER TABLE ONLY public."joinToken"
    ADD CONSTRAINT "joinToken_pkey" PRIMARY KEY (hash);
ALTER TABLE ONLY public.kysely_migration_lock
    ADD CONSTRAINT kysely_migration_lock_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.kysely_migration
    ADD CONSTRAINT kysely_migration_pkey PRIMARY KEY (name);
ALTER TABLE ONLY public.lease
    ADD CONSTRAINT lease_pkey PRIMARY KEY (name);
ALTER TABLE ONLY public.machine
    ADD CONSTRAINT machine_key PRIMARY KEY (device, machine);
ALTER TABLE ONLY public.person
    ADD CONSTRAINT person_hash_key UNIQUE (hash);
ALTER TABLE ONLY public.person
    ADD CONSTRAINT person_name_key UNIQUE (name);
ALTER TABLE ONLY public.person
    ADD CONSTRAINT person_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public."rolloutMachine"
    ADD CONSTRAINT "rolloutMachine_key" PRIMARY KEY (rollout, device, machine);
ALTER TABLE ONLY public."rolloutMachine"
    ADD CONSTRAINT "rolloutMachine_place" UNIQUE (rollout, place);
ALTER TABLE ONLY public.rollout
    ADD CONSTRAINT rollout_pkey PRIMARY KEY (id);
CREATE INDEX "deviceLabel_value" ON public."deviceLabel" USING btree (key, value, device);
CREATE INDEX device_name ON public.device USING btree (name, id);
CREATE INDEX history_subject ON public.history USING btree (subject, number);
CREATE INDEX machine_base ON public.machine USING btree (base);
CREATE INDEX machine_model ON public.machine USING btree (model, channel, base);
CREATE INDEX "rolloutMachine_device" ON public."rolloutMachine" USING btree (device) WHERE (standing <> 'replaced'::text);
CREATE UNIQUE INDEX "rolloutMachine_open" ON public."rolloutMachine" USING btree (device, machine) WHERE (standing = 'open'::text);
CREATE INDEX rollout_begun ON public.rollout USING btree (begun, id);
CREATE INDEX rollout_model ON public.rollout USING btree (model, channel, begun);
CREATE INDEX rollout_open ON public.rollout USING btree (begun) WHERE (ended IS NULL);
