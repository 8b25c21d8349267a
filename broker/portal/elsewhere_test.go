package portal

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	qrcode "github.com/skip2/go-qrcode"

	"handrail/broker/settings"
	"handrail/shared/wire"
	"handrail/shared/words"
)

const agentPhone = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X)"

func TestP14ATelephoneIsToldWhereToGoOn(t *testing.T) {
	h := site(newFake(anna), full())
	for _, path := range []string{"/482913", "/482913507", "/download"} {
		phone := ask(t, h, "GET", path, "", "User-Agent", agentPhone).Body.String()
		for _, part := range []string{
			string(words.ElsewherePhone), ">help.test<wbr>" + path + "<", `<svg class="picture" role="img" aria-label="A picture for cameras. It says help.test` + path + `"`,
		} {
			if !strings.Contains(phone, part) {
				t.Errorf("%s: no %q in\n%s", path, part, phone)
			}
		}
		if strings.Contains(phone, `href="handrail:`) {
			t.Errorf("%s: a telephone gets a button that does nothing", path)
		}
		if page := ask(t, h, "GET", path, "").Body.String(); strings.Contains(page, `class="picture"`) || strings.Contains(page, string(words.ElsewhereHow)) {
			t.Errorf("%s: a computer that can be helped is sent elsewhere", path)
		}
	}
	// What a browser says of this server is shown as far as it is an address.
	odd := ask(t, h, "GET", "/482913507", "", "User-Agent", agentPhone, "Host", "help.test/<b>").Body.String()
	if strings.Contains(odd, "picture") || !strings.Contains(odd, string(words.ElsewherePhone)) || !strings.Contains(odd, "<span>507</span>") {
		t.Errorf("of an odd host: %s", odd)
	}
}

func TestP14ACodesPageOpensTheProgramAndTellsNothingOfIt(t *testing.T) {
	h := site(newFake(anna), full())
	page := ask(t, h, "GET", "/482913507", "").Body.String()
	for _, part := range []string{
		`<span>482</span> <span>913</span> <span>507</span>`, `href="handrail:482913507"`, "Start Handrail and type 482\u00a0913\u00a0507.",
	} {
		if !strings.Contains(page, part) {
			t.Errorf("no %q in\n%s", part, page)
		}
	}
	for _, part := range []string{string(words.LinkSecret), string(words.LinkAnother)} {
		if strings.Contains(page, part) {
			t.Errorf("%q in\n%s", part, page)
		}
	}
	same := strings.NewReplacer("482913507", "N", "482", "A", "913", "B", "507", "C")
	other := strings.NewReplacer("117226335", "N", "117", "A", "226", "B", "335", "C")
	if same.Replace(page) != other.Replace(ask(t, h, "GET", "/117226335", "").Body.String()) {
		t.Error("two codes have different pages")
	}
}

func TestPictureIsTheCodeOfItsText(t *testing.T) {
	for _, text := range []string{"https://help.test/482913507", strings.Repeat("a", 300)} {
		code, err := qrcode.New(text, qrcode.Medium)
		if err != nil {
			t.Fatal(err)
		}
		path, size := picture(text)
		drawn := make([][]bool, size)
		for y := range drawn {
			drawn[y] = make([]bool, size)
		}
		for run := range strings.SplitSeq(strings.TrimSuffix(path, "z"), "z") {
			var x, y, long, back int
			if n, err := fmt.Sscanf(run, "M%d %dh%dv1h-%d", &x, &y, &long, &back); n != 4 || err != nil || long != back {
				t.Fatalf("%q: %v", run, err)
			}
			for i := range long {
				drawn[y][x+i] = true
			}
		}
		if !slices.EqualFunc(drawn, code.Bitmap(), slices.Equal) {
			t.Errorf("%q is drawn otherwise", text)
		}
	}
	if path, size := picture(strings.Repeat("a", 5000)); path != "" || size != 0 {
		t.Error("there is a picture of what has no room")
	}
}

func TestNoPagePromisesWhatSettingsDoNotKeep(t *testing.T) {
	for keep, sees := range map[wire.Keep]bool{wire.KeepNothing: false, wire.KeepSealed: false, wire.KeepReadable: true} {
		p := full()
		all := settings.Settings{Portals: map[string]settings.Portal{p.ID: p}, Records: settings.Records{Keep: keep}}
		h := New(Config{Settings: func() settings.Settings { return all }, Lobby: newFake(), Now: noonNow})
		for _, path := range []string{"/", "/482913", "/nothing"} {
			page := ask(t, h, "GET", path, "").Body.String()
			if strings.Contains(page, string(words.PageFooter)) == sees || strings.Contains(page, "also keeps here what you and your rep say") != sees {
				t.Errorf("%s, where records are kept as %d:\n%s", path, keep, page)
			}
		}
	}
}
