package wire

import "bytes"

// samples has one full packet of every kind.
func samples() []Packet {
	request := [16]byte{0: 1, 7: 0x80, 15: 0xff}
	id := SessionID{0: 0xa0, 15: 0x0b}
	key, signature := bytes.Repeat([]byte{7}, 32), bytes.Repeat([]byte{9}, 64)
	ticket := bytes.Repeat([]byte{0x5a}, 32)
	relay := []Relay{{URL: "turn:broker.example:3478?transport=udp", User: "1769000000:a0", Password: "c2VjcmV0"}}
	return []Packet{
		{Body: &Hello{Version: Version, Caps: []string{"jpeg", "resume"}, Role: RoleRep, Program: "rep-console 0.1", System: "linux"}},
		{Body: &Welcome{Version: Version, Caps: []string{"turn"}, Organisation: "Grüner Zweig GmbH", Now: 1769000000123, Site: "https://help.example"}},
		{Body: &Enrol{Code: "MAPLE-17-RIVER", PublicKey: key, Signature: signature}},
		{Body: &SignIn{PublicKey: key, Signature: signature}},
		{Body: &SignedIn{Rep: 12, Name: "Anna", Keys: []KeyMade{{Request: request, Number: "482913", Expires: 1769000600123}}, Idle: 900}},
		{Body: &NewKey{Request: request, Life: 600}},
		{Body: &KeyMade{Request: request, Number: "004213", Expires: 1769000600123}},
		{Body: &RevokeKey{Number: "482913", Why: KeyRevoked}},
		{Body: &KeyGone{Number: "482913", Why: KeyExpired}},
		{Body: &Join{Number: "482913", Name: "Μαρία", Locale: "el-GR"}},
		{Body: &Start{Session: id, Ticket: ticket, Number: "482913", Peer: "Anna", System: "linux", Relays: relay, Denied: []string{"control"}, Recording: ConsentDeclined}},
		{Body: &Signal{Session: id, Epoch: 1, User: "u4kd", Password: "Zk3gH0aVq8w1", Candidates: []string{"1 1 udp 2130706431 192.0.2.7 54321 typ host"}, Done: true, Direct: true}},
		{Body: &Leave{Session: id, Why: EndWrongSecret}},
		{Body: &Ended{Session: id, Why: EndByCustomer}},
		{Body: &Rejoin{Session: id, Ticket: ticket, Linked: true}},
		{Body: &Linked{Session: id, Yes: true}},
		{Body: &Problem{Code: CodeBadKey, About: KindJoin, Key: request}},
		{Body: &Rejoined{Session: id, Relays: relay}},
		{Body: &Enter{Code: "482913507", Name: "Μαρία", Locale: "el-GR"}},
		{Body: &Admitted{Session: id, Ticket: ticket, Portal: "Grüner Zweig", Name: "Μαρία"}},
		{Body: &Question{Session: id, ID: 1, What: AskedAgreement, Title: "Before we begin", Text: "We may see\nwhat you see.", Until: 1769000300000}},
		{Body: &Decision{Session: id, ID: 1, Yes: true}},
		{Body: &Waiting{Session: id, Position: 3, Estimate: 240, Queue: "Printers"}},
		{Body: &Told{Session: id, What: TellNotice, Title: "Mail is down", Text: "We know.\nBack at 10.", URL: "https://status.example/", Leave: true}},
		{Body: &Survey{Session: id, Intro: "How was it?", Questions: []SurveyQuestion{
			{ID: 1, Form: FormRating, Text: "Our help", Required: true}, {ID: 2, Form: FormOne, Text: "Solved?", Options: []string{"Yes", "No"}},
		}, URL: "https://help.example/thanks", Thanks: "Thank you."}},
		{Body: &Answers{Session: id, Answers: []SurveyAnswer{{ID: 1, Rating: 5}, {ID: 2, Options: []uint8{1}}, {ID: 3, Text: "Danke"}}}},
		{Body: &Noted{Session: id}},
		{Body: &Queues{Queues: []Queue{{ID: "rep:12", What: QueuePersonal}, {ID: "team:3", What: QueueTeam, Name: "Printers"}}}},
		{Body: &Visitor{
			Session: id, Queue: "team:3", Since: 1769000000123, Name: "Μαρία", Company: "Acme", CompanyCode: "A-7", Issue: "Printer",
			Description: "It hums.\nIt smells.", Fields: []VisitorField{{Name: "Asset", Value: "P-17"}}, Portal: "Grüner Zweig", System: "windows",
			Locale: "el-GR", Here: true, Recording: ConsentDeclined, From: "Anna", Note: "Knows the serial number.",
		}},
		{Body: &VisitorGone{Session: id, Why: GoneTaken, By: "Anna"}},
		{Body: &Take{Request: request, Session: id, Queue: "team:3"}},
		{Body: &HandOn{Session: id, Queue: "rep:7", Note: "Knows the serial number."}},
		{Body: &Targets{Targets: []Target{{Queue: "rep:7", What: QueuePersonal, Name: "Ben", Here: true}}}},
		{Body: &Pair{PublicKey: key, Signature: signature, Computer: "anna-laptop"}},
		{Body: &Pairing{Code: "7K2P-M4QD", URL: "https://help.example/console/7K2P-M4QD", Expires: 1769000300000}},
		{Body: &Active{}},
		{Body: &SignOut{}},
		{Body: &Certified{Certificate: key}},
		{Body: &Elsewhere{Address: "b2.example:4443", About: KindRejoin, Key: id}},
		{Body: &Brokers{Addresses: []string{"b1.example:4443", "b2.example:4443"}}},
		{Body: &Log{Session: id, Part: 2, Entries: []Entry{
			{At: 1769000011000, Happened: HappenedAnswered, What: View | Control, Verdict: Allowed},
			{At: 1769000012000, Happened: HappenedFile, By: RoleRep, ID: 1, Size: 5 << 30, Items: 12, State: FileArrived},
			{At: 1769000013000, Happened: HappenedNote, Text: "New toner.\nStill hums.", Outcome: OutcomeFollowUp},
		}, Sealed: key}},
		{Body: &Logged{Session: id, Part: 2}},
		{Body: &Keeping{Keep: KeepSealed, Key: key, Grants: [][]byte{key}}},
		{Body: &Portal{ID: "main", Name: "Grüner Zweig", Page: "https://help.example/", Invitations: []Invitation{
			{Language: "en", Subject: "Your session with {rep}", Text: "Please open\n{link}"},
		}}},
		{Body: &Noticeboard{Portal: "main", Name: "Grüner Zweig", Waiting: 12, Notices: []Notice{
			{ID: 7_421_993, Title: "Mail is down", Text: "We know of it.\nBack at 10.", Until: 1769003600000, Leave: true, Told: 11},
			{ID: 3, Title: "Closed on Friday", Text: "We are back on Monday."},
		}}},
		{Body: &PushNotice{Request: request, Portal: "main", Title: "Mail is down", Text: "We know of it.\nBack at 10.", Life: 3600, Leave: true}},
		{Body: &EndNotice{Request: request, Portal: "main", ID: 7_421_993}},
		{Body: &NoticeKept{Request: request}},
		{Seq: 3, Ack: 1, Body: &Verified{}},
		{Ack: 3, Body: &Attach{Version: Version, Caps: []string{"jpeg"}, Name: "Μαρία", System: "windows", Received: 3, Slice: 200}},
		{Seq: 1, Body: &Accepted{Name: "Anna", Organisation: "Grüner Zweig GmbH", Keep: KeepSealed}},
		{Seq: 2, Ack: 1, Body: &Chat{Text: "Hello,\n\tcan you see this? 👋", At: 1769000011000}},
		{Seq: 3, Ack: 1, Body: &Nudge{}},
		{Seq: 4, Ack: 1, Body: &Ask{ID: 1, What: View | Control}},
		{Seq: 2, Ack: 4, Body: &Answer{ID: 1, Verdict: Allowed}},
		{Seq: 5, Ack: 3, Body: &Withdraw{What: Control}},
		{Seq: 3, Ack: 4, Body: &Sharing{What: View | Control, Why: SharingGranted, Monitors: []Monitor{
			{ID: 1, Name: "DP-1", W: 1920, H: 1080, Primary: true}, {ID: 2, X: -1280, Y: 56, W: 1280, H: 1024},
		}, Monitor: 1}},
		{Seq: 6, Ack: 3, Body: &PickMonitor{Monitor: 2}},
		{Seq: 300, Ack: 70000, Body: &End{Why: EndByCustomer}},
		{Ack: 17, Body: &Ack{}},
		{Ack: 17, Body: &Presented{Frame: 5000000000}},
		{Body: &Unsupported{About: 999}},
		{Ack: 3, Body: &Refresh{}},
		{Seq: 7, Ack: 3, Body: &Quality{Profile: Profile16}},
		{Ack: 7, Body: &Pace{Capture: 900, Encode: 4200, Send: 130, Shown: 61000, Frames: 24, Bytes: 70000, Strain: 1}},
		{Ack: 7, Body: &Taken{Pictures: 1 << 33, Bulk: 8192}},
		{Seq: 8, Ack: 3, Body: &Offer{ID: 1, Name: "Ablage Ärzte", Size: 5 << 30, Items: 12, Folder: true}},
		{Seq: 4, Ack: 8, Body: &Reply{ID: 1, Verdict: Allowed}},
		{Seq: 5, Ack: 8, Body: &Halt{ID: 1, Why: HaltFull}},
		{Ack: 8, Body: &GoOn{ID: 1, Item: 3, Chunks: 70000, Sum: key}},
		{Seq: 6, Ack: 8, Body: &Arrived{ID: 1}},
		{Ack: 8, Body: &Clip{Serial: 9, Forms: []ClipForm{{Format: ClipText, Size: 12}, {Format: ClipPNG}}}},
		{Ack: 8, Body: &ClipWant{ID: 2, Serial: 9, Format: ClipPNG}},
	}
}

// sampleInputs has every input event, by its name in testdata/vectors.
func sampleInputs() map[string]Input {
	return map[string]Input{
		"Input-Key":     Key{Seq: 1, Usage: 0x14, Down: true, Repeat: true, Mods: ModShift | ModAltGr, Base: 'q', Text: "@"},
		"Input-Typed":   Typed{Seq: 300, Text: "Straße 東京 🙂\n"},
		"Input-Button":  Button{Seq: 2, Button: 3, Down: true, Monitor: 1, X: 65535, Y: 128},
		"Input-Wheel":   Wheel{Seq: 3, DX: -120, DY: 240, Monitor: 2, X: 1, Y: 40000},
		"Input-Locks":   Locks{Seq: 4, Caps: true, Scroll: true},
		"Input-Release": Release{Seq: 5},
		"Input-Move":    Move{After: 5, X: 32768, Y: 32768},
	}
}

func sampleSlice() Slice {
	return Slice{Seq: 300, Frame: 129, Input: 5, Last: true, Data: []byte{0xde, 0xad, 0xbe, 0xef}}
}

func sampleCursor() Cursor {
	return Cursor{ID: 77, W: 2, H: 1, HotX: 1, Pix: []byte{255, 255, 255, 255, 0, 0, 0, 128}}
}

// sampleBulk has every block of bulk, by its name in testdata/vectors.
func sampleBulk() map[string]Bulk {
	sum := [32]byte(bytes.Repeat([]byte{0xab}, 32))
	return map[string]Bulk{
		"Bulk-Item":    Item{ID: 1, Index: 3, From: 2, Size: 600_000, Modified: -5, Executable: true, Path: "Ablage Ärzte/a.sh"},
		"Bulk-Chunk":   Chunk{ID: 1, Size: MaxChunk, Sum: sum},
		"Bulk-Piece":   Piece{ID: 300, Data: []byte{1, 2, 3}},
		"Bulk-ItemEnd": ItemEnd{ID: 1, Sum: sum},
		"Bulk-Clip":    ClipPiece{ID: 2, Last: true, Data: []byte("Grüße")},
	}
}

func samplePointer() Pointer { return Pointer{Seq: 9, Monitor: 1, X: 300, Y: 2} }
