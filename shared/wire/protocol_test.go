package wire

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write testdata/vectors anew")

// vector is one example of the format as the files spell it: lines of a word
// and its value.
type vector struct {
	name, json, hex string
	seq, ack        uint64
}

func (v vector) text() string {
	return fmt.Sprintf("name: %s\nseq: %d\nack: %d\njson: %s\nhex: %s\n", v.name, v.seq, v.ack, v.json, v.hex)
}

func newVector(t *testing.T, p Packet, value any, b []byte) vector {
	t.Helper()
	j, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return vector{json: string(j), hex: hex.EncodeToString(b), seq: p.Seq, ack: p.Ack}
}

// vectors makes the examples from the samples.
func vectors(t *testing.T) map[string]vector {
	all := map[string]vector{}
	for _, p := range samples() {
		b, err := Append(nil, p)
		if err != nil {
			t.Fatal(err)
		}
		all[p.Body.Kind().String()] = newVector(t, p, p.Body, b)
	}
	for name, in := range sampleInputs() {
		all[name] = newVector(t, Packet{}, in, AppendInput(nil, in))
	}
	for name, v := range sampleBulk() {
		all[name] = newVector(t, Packet{}, v, AppendBulk(nil, v))
	}
	all["Slice"] = newVector(t, Packet{}, sampleSlice(), AppendSlice(nil, sampleSlice()))
	all["Cursor"] = newVector(t, Packet{}, sampleCursor(), AppendCursor(nil, sampleCursor()))
	all["Pointer"] = newVector(t, Packet{}, samplePointer(), AppendPointer(nil, samplePointer()))
	return all
}

func TestVectorsAreReadAsTheySay(t *testing.T) {
	all := vectors(t)
	for name, v := range all {
		v.name = name
		path := filepath.Join("testdata", "vectors", name+".txt")
		if *update {
			if err := os.WriteFile(path, []byte(v.text()), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		file, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if string(file) != v.text() {
			t.Errorf("%s says\n%sbut the code\n%s", path, file, v.text())
		}
		checkVector(t, name, file)
	}
	files, err := filepath.Glob(filepath.Join("testdata", "vectors", "*"))
	if err != nil || len(files) != len(all) {
		t.Errorf("%d files, %d examples, %v", len(files), len(all), err)
	}
}

// checkVector parses the bytes in a file and compares with its JSON.
func checkVector(t *testing.T, name string, file []byte) {
	t.Helper()
	words := map[string]string{}
	for line := range strings.Lines(string(file)) {
		word, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
		words[word] = value
	}
	b, err := hex.DecodeString(words["hex"])
	if err != nil {
		t.Fatal(err)
	}
	var value any
	switch {
	case strings.HasPrefix(name, "Input-"):
		value, err = ParseInput(b)
	case strings.HasPrefix(name, "Bulk-"):
		value, err = ParseBulk(b)
	case name == "Slice":
		value, err = ParseSlice(b)
	case name == "Cursor":
		value, err = ParseCursor(b)
	case name == "Pointer":
		value, err = ParsePointer(b)
	default:
		var p Packet
		p, err = Parse(b)
		value = p.Body
		// The browser leg reads the JSON back into the same message.
		if err == nil {
			m := fresh(p.Body.Kind())
			if err := json.Unmarshal([]byte(words["json"]), m); err != nil || !reflect.DeepEqual(m, p.Body) {
				t.Errorf("%s: JSON reads as %+v, %v", name, m, err)
			}
		}
	}
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	j, err := json.Marshal(value)
	if err != nil || !bytes.Equal(j, []byte(words["json"])) {
		t.Errorf("%s: %s, %v", name, j, err)
	}
}

// rows gives the cells of those table rows in PROTOCOL.md that match all the
// patterns, one for each cell.
func rows(t *testing.T, patterns ...string) [][]string {
	t.Helper()
	doc, err := os.ReadFile("PROTOCOL.md")
	if err != nil {
		t.Fatal(err)
	}
	var found [][]string
next:
	for line := range strings.Lines(string(doc)) {
		line = strings.TrimSpace(line)
		if !strings.HasPrefix(line, "|") {
			continue
		}
		cells := strings.Split(strings.Trim(line, "|"), "|")
		if len(cells) != len(patterns) {
			continue
		}
		for i, p := range patterns {
			cells[i] = strings.TrimSpace(cells[i])
			if !regexp.MustCompile("^(" + p + ")$").MatchString(cells[i]) {
				continue next
			}
		}
		found = append(found, cells)
	}
	return found
}

func TestTheDocumentNamesEveryKindAsTheCodeDoes(t *testing.T) {
	roles := map[string]from{"customer": customer, "rep": rep, "broker": broker, "client": clients, "anyone": anyone}
	documented := map[Kind]bool{}
	for _, row := range rows(t, `\d+`, `[A-Z]\w+`, `customer|rep|broker|client|anyone`, `\*?`, `.*`, `.*`) {
		n, err := strconv.Atoi(row[0])
		if err != nil {
			t.Fatal(err)
		}
		k := Kind(n)
		r := rowOf(k)
		if documented[k] || r.name != row[1] {
			t.Errorf("%d is %s in the document, %s in the code", k, row[1], r.name)
			continue
		}
		documented[k] = true
		if r.control|r.peer != roles[row[2]] || r.counted != (row[3] == "*") {
			t.Errorf("%s: from %s, counted %q; the code says %+v", row[1], row[2], row[3], r)
		}
		if got := fields(reflect.TypeOf(r.fresh()).Elem()); got != row[4] {
			t.Errorf("%s has fields %q in the document, %q in the code", row[1], row[4], got)
		}
	}
	for k := range Kind(1 << 10) {
		if rowOf(k).name != "" && !documented[k] {
			t.Errorf("%v isn't in the document", k)
		}
	}
}

// fields lists a struct's fields as the document does.
func fields(t reflect.Type) string {
	var list []string
	for f := range t.Fields() {
		number, options, _ := strings.Cut(f.Tag.Get("cbor"), ",")
		word := number + " " + strings.Split(f.Tag.Get("json"), ",")[0]
		if strings.Contains(options, "omit") {
			word += "?"
		}
		list = append(list, word)
	}
	return strings.Join(list, ", ")
}

func TestTheDocumentDescribesInnerMapsAsTheCodeDoes(t *testing.T) {
	doc, err := os.ReadFile("PROTOCOL.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range []any{
		Relay{}, Monitor{}, ClipForm{}, SurveyQuestion{}, SurveyAnswer{}, Queue{}, VisitorField{}, Target{}, Notice{},
	} {
		if want := "a map `" + fields(reflect.TypeOf(v)) + "`"; !bytes.Contains(doc, []byte(want)) {
			t.Errorf("no %s", want)
		}
	}
}

func TestTheDocumentsNumbersAreTheCodes(t *testing.T) {
	same := func(what string, got [][]string, name, number int, want map[string]int) {
		t.Helper()
		if len(got) != len(want) {
			t.Errorf("%s: %d in the document, %d in the code", what, len(got), len(want))
		}
		for _, row := range got {
			if v, ok := want[row[name]]; !ok || strconv.Itoa(v) != row[number] {
				t.Errorf("%s: %s is %s in the document, %d in the code", what, row[name], row[number], v)
			}
		}
	}
	same("limits", rows(t, `(Max|Min)\w+`, `\d+`, `.*`), 0, 1, map[string]int{
		"MaxMessage": MaxMessage, "MaxText": MaxText, "MaxName": MaxName, "MaxCaps": MaxCaps, "MaxCap": MaxCap,
		"MaxKeys": MaxKeys, "MaxLife": MaxLife, "MaxRelays": MaxRelays, "MaxCandidates": MaxCandidates,
		"MaxCandidate": MaxCandidate, "MinTicket": MinTicket, "MaxTicket": MaxTicket, "MaxMonitors": MaxMonitors,
		"MaxPixels": MaxPixels, "MaxOffset": MaxOffset, "MaxInput": MaxInput, "MaxTypedText": MaxTypedText,
		"MaxKeyText": MaxKeyText, "MaxUsage": MaxUsage, "MaxButton": MaxButton, "MaxWheel": MaxWheel,
		"MaxSlice": MaxSlice, "MaxCursor": MaxCursor, "MaxSide": MaxSide,
		"MaxBulk": MaxBulk, "MaxChunk": MaxChunk, "MaxPath": MaxPath, "MaxItems": MaxItems, "MaxSize": MaxSize,
		"MaxClip": MaxClip, "MaxForms": MaxForms,
		"MaxPlain": MaxPlain, "MaxLine": MaxLine, "MaxFields": MaxFields, "MaxQuestions": MaxQuestions, "MaxOptions": MaxOptions,
		"MaxQueues": MaxQueues, "MaxTargets": MaxTargets, "MaxQueue": MaxQueue, "MaxCertificate": MaxCertificate,
		"MaxBrokers": MaxBrokers, "MaxAddress": MaxAddress, "MaxEntries": MaxEntries, "MaxSealed": MaxSealed, "MaxParts": MaxParts,
		"MaxGrant": MaxGrant, "MaxGrants": MaxGrants, "MaxInvitations": MaxInvitations,
		"MaxNotices": MaxNotices, "MaxNoticeTitle": MaxNoticeTitle, "MaxNoticeText": MaxNoticeText, "MinNoticeLife": MinNoticeLife, "MaxNoticeLife": MaxNoticeLife,
	})
	same("streams", rows(t, `\d+`, `Stream\w+`, `.*`, `.*`), 1, 0, map[string]int{
		"StreamControl": int(StreamControl), "StreamInput": int(StreamInput), "StreamPictures": int(StreamPictures),
		"StreamCursor": int(StreamCursor), "StreamBulk": int(StreamBulk),
	})
	same("datagrams", rows(t, `\d+`, `Datagram\w+`, `.*`, `.*`), 1, 0, map[string]int{
		"DatagramHeartbeat": int(DatagramHeartbeat), "DatagramMove": int(DatagramMove), "DatagramPointer": int(DatagramPointer),
	})
	same("problems", rows(t, `\d+`, `Code\w+`, `.*`), 1, 0, map[string]int{
		"CodeBadKey": int(CodeBadKey), "CodeTooManyTries": int(CodeTooManyTries), "CodeVersion": int(CodeVersion),
		"CodeNotEnrolled": int(CodeNotEnrolled), "CodeBadEnrolment": int(CodeBadEnrolment), "CodeRepAway": int(CodeRepAway),
		"CodeGone": int(CodeGone), "CodeBusy": int(CodeBusy), "CodeOutOfPlace": int(CodeOutOfPlace),
		"CodeMalformed": int(CodeMalformed), "CodeInternal": int(CodeInternal), "CodeSignedInElse": int(CodeSignedInElse),
		"CodeTaken": int(CodeTaken), "CodeNobodyWaits": int(CodeNobodyWaits), "CodeLoginNeeded": int(CodeLoginNeeded),
		"CodeIdle": int(CodeIdle), "CodePairRefused": int(CodePairRefused), "CodeNotAllowed": int(CodeNotAllowed),
		"CodeNoTarget": int(CodeNoTarget), "CodeManyNotices": int(CodeManyNotices), "CodeNoPortal": int(CodeNoPortal),
		"CodeBadNotice": int(CodeBadNotice),
	})
	same("input", rows(t, `\d+`, `Key|Typed|Button|Wheel|Locks|Release|Move`, `.*`), 1, 0, map[string]int{
		"Key": inputKey, "Typed": inputTyped, "Button": inputButton, "Wheel": inputWheel,
		"Locks": inputLocks, "Release": inputRelease, "Move": inputMove,
	})
	same("bulk", rows(t, `\d+`, `Item|Chunk|Piece|ItemEnd|ClipPiece`, `.*`), 1, 0, map[string]int{
		"Item": bulkItem, "Chunk": bulkChunk, "Piece": bulkPiece, "ItemEnd": bulkItemEnd, "ClipPiece": bulkClip,
	})
	if history := rows(t, `\d{4}-\d\d-\d\d`, `\d+`, `.*`); len(history) == 0 || history[len(history)-1][1] != strconv.Itoa(Version) {
		t.Errorf("the history ends with %v, the code is version %d", history, Version)
	}
}
