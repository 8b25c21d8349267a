package main

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"handrail/broker/people"
	"handrail/broker/settings"
	"handrail/broker/store"
	"handrail/shared/link"
	"handrail/shared/secret"
	"handrail/shared/wire"
)

var (
	hiddenVisit = regexp.MustCompile(`name="visit" value="([^"]+)"`)
	threeDigits = regexp.MustCompile(`<span>(\d{3})</span>`)
)

// browser is somebody who looks at the broker's pages.
type browser struct {
	r *running
	c http.Client
}

func (r *running) browser() *browser {
	jar, _ := cookiejar.New(nil) // never fails
	b := &browser{r: r, c: http.Client{Jar: jar, Timeout: patience, Transport: &http.Transport{
		TLSClientConfig: &tls.Config{InsecureSkipVerify: true},
	}}}
	r.t.Cleanup(b.c.CloseIdleConnections)
	return b
}

func (b *browser) get(path string) string { return b.read(b.c.Get(b.r.site + path)) }

func (b *browser) post(path string, form url.Values) string {
	return b.read(b.c.PostForm(b.r.site+path, form))
}

// read gives a page, after what leads to it.
func (b *browser) read(resp *http.Response, err error) string {
	b.r.t.Helper()
	if err != nil {
		b.r.t.Fatal(err)
	}
	defer resp.Body.Close()
	page, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		b.r.t.Fatalf("%s, %v: %s", resp.Status, err, page)
	}
	return string(page)
}

// choose has a visitor of the portal choose a rep and gives the code that the
// page shows for the customer's program.
func (r *running) choose(rep uint64) string {
	r.t.Helper()
	browser := r.browser()
	chosen := `name="rep" value="` + strconv.FormatUint(rep, 10) + `"`
	var page string
	for end := time.Now().Add(patience); !strings.Contains(page, chosen); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			r.t.Fatalf("rep %d is not listed: %s", rep, page)
		}
		page = browser.get("/")
	}
	form := url.Values{"rep": {strconv.FormatUint(rep, 10)}}
	if hidden := hiddenVisit.FindStringSubmatch(page); hidden != nil {
		form.Set("visit", hidden[1])
	}
	page = browser.post("/rep", form)
	var groups []string
	for _, group := range threeDigits.FindAllStringSubmatch(page, -1) {
		groups = append(groups, group[1])
	}
	code := strings.Join(groups, "")
	if len(code) != 9 {
		r.t.Fatalf("%q is no code, on the page: %s", code, page)
	}
	return code
}

// comes is a customer who comes by the portal and is taken by the rep.
func (r *running) comes(anna *client, rep uint64) (customer *client, reps, customers *wire.Start) {
	r.t.Helper()
	customer = r.dial(wire.RoleCustomer)
	customer.say(&wire.Enter{Code: r.choose(rep), Name: "Maria"})
	place := hear[*wire.Admitted](customer)
	anna.say(&wire.Take{Request: [16]byte(place.Session), Session: place.Session})
	reps = await[*wire.Start](anna)
	customers = await[*wire.Start](customer)
	return customer, reps, customers
}

// await is hear among everything else that is said.
func await[M wire.Message](x *client) M {
	x.t.Helper()
	ctx, cancel := context.WithTimeout(x.t.Context(), patience)
	defer cancel()
	for {
		got, err := x.c.Receive(ctx)
		if err != nil {
			x.t.Fatalf("waiting for %T: %v", *new(M), err)
		}
		if m, ok := got.(M); ok {
			return m
		}
		if p, ok := got.(*wire.Problem); ok {
			x.t.Fatalf("problem %d about %d", p.Code, p.About)
		}
	}
}

// TestZ03Z04FromThePortalToACertifiedRep has a customer come by the portal, wait
// and be taken, through a real broker. Without a certificate the two have three
// words; with one a program that knows the organisation needs none, and without
// one it turns the rep away.
func TestZ03Z04FromThePortalToACertifiedRep(t *testing.T) {
	dir := t.TempDir()
	b := start(t, dir, "127.0.0.1:0")
	_, console := b.enrol(dir, "Anna Weber")
	organisation, private, _ := ed25519.GenerateKey(rand.Reader)
	rep := b.listed(dir, "Anna Weber")

	both := func(change func(rep, customer *link.Meeting)) (one, two *link.Peer, err, err2 error) {
		t.Helper()
		anna, _ := b.signIn(console)
		maria, reps, customers := b.comes(anna, rep)
		if reps.Proof != wire.ProofCompare || customers.Proof != wire.ProofCompare || reps.Number+customers.Number != "" {
			t.Errorf("started with %+v and %+v", reps, customers)
		}
		r, c := link.Meeting{Proof: wire.ProofCompare}, link.Meeting{Proof: wire.ProofCompare}
		change(&r, &c)
		var all sync.WaitGroup
		all.Go(func() { one, err = anna.meetAs(wire.RoleRep, reps, b.pin, r) })
		all.Go(func() { two, err2 = maria.meetAs(wire.RoleCustomer, customers, b.pin, c) })
		all.Wait()
		maria.say(&wire.Leave{Session: customers.Session, Why: wire.EndByCustomer})
		return one, two, err, err2
	}
	part := func(peers ...*link.Peer) {
		for _, p := range peers {
			p.Close(wire.EndByRep)
			<-p.Done()
		}
	}

	one, two, err, err2 := both(func(_, _ *link.Meeting) {})
	if err := errors.Join(err, err2); err != nil {
		t.Fatalf("%v\n%s", err, b.log)
	}
	words, _ := one.Compared()
	if same, name := two.Compared(); same != words || words[0] == "" || name != "" {
		t.Errorf("the rep reads %v, the customer %v", words, same)
	}
	part(one, two)

	if _, _, err, err2 = both(func(_, c *link.Meeting) { c.Organisation = organisation }); !errors.Is(err, link.ErrNotVerified) || !errors.Is(err2, link.ErrNotVerified) {
		t.Errorf("without a certificate: rep %v, customer %v", err, err2)
	}

	good(t, "certificates", "--data", dir, "--organisation-key", base64.StdEncoding.EncodeToString(organisation))
	now := time.Now().Truncate(time.Second)
	signed, err := secret.Certify(private, secret.Certificate{
		Serial: 1, Key: console.Public().(ed25519.PublicKey), Name: "Anna Weber", From: now.Add(-day), To: now.Add(day),
	})
	if err != nil {
		t.Fatal(err)
	}
	good(t, "certificates", "--data", dir, "--import", wrote(t, `{"handrail":"certificates","certificates":["`+base64.StdEncoding.EncodeToString(signed)+`"]}`))
	anna, _ := b.signIn(console)
	handed := await[*wire.Certified](anna).Certificate
	one, two, err, err2 = both(func(r, c *link.Meeting) {
		r.Certificate, r.Key, r.Organisation, c.Organisation = handed, console, organisation, organisation
	})
	if err := errors.Join(err, err2); err != nil {
		t.Fatalf("%v\n%s", err, b.log)
	}
	if _, name := two.Compared(); name != "Anna Weber" {
		t.Errorf("certified %q", name)
	}
	part(one, two)
}

// listed has a rep be listed on the portal, and gives its number.
func (r *running) listed(dir, name string) uint64 {
	r.t.Helper()
	ctx := r.t.Context()
	s, err := store.OpenKept(ctx, store.Place{Dir: dir})
	if err != nil {
		r.t.Fatal(err)
	}
	defer s.Close()
	now := time.Now()
	if err := s.AddFirst(ctx, people.Hash{1}, now, now.Add(time.Hour)); err != nil {
		r.t.Fatal(err)
	}
	olga, err := s.TakeFirst(ctx, people.Hash{1}, people.Rep{PublicName: "Olga", Mail: "olga@example.org"}, "x", now)
	if err != nil {
		r.t.Fatal(err)
	}
	o, err := s.Organisation(ctx)
	if err != nil {
		r.t.Fatal(err)
	}
	for _, rep := range o.Reps {
		if rep.PublicName != name {
			continue
		}
		rep.Listed = true
		if _, err := s.Change(ctx, olga, people.SetRep{Rep: rep}, now); err != nil {
			r.t.Fatal(err)
		}
		set, version, err := s.Settings(ctx)
		if err != nil {
			r.t.Fatal(err)
		}
		main := set.Portals[settings.Main]
		main.Starts.Reps = true
		set.Portals[settings.Main] = main
		if err := s.SetSettings(ctx, olga, version, set, now); err != nil {
			r.t.Fatal(err)
		}
		return rep.ID
	}
	r.t.Fatalf("no rep %q", name)
	return 0
}

// TestK01FromTheFirstAdministratorToALoggedInConsole goes the whole way on both
// engines: a printed code makes an owner in the browser, who agrees there to a
// console that nobody has enrolled, and ends its login.
func TestK01FromTheFirstAdministratorToALoggedInConsole(t *testing.T) {
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			dir := t.TempDir()
			var more []string
			if engine == "postgres" {
				more = []string{"--database", server.Database(t)}
			}
			b := start(t, dir, "127.0.0.1:0", more...)
			olga := b.owner(dir, more...)

			_, key, _ := ed25519.GenerateKey(rand.Reader)
			console := b.dial(wire.RoleRep)
			public, signature := console.prove(key)
			signIn := &wire.SignIn{PublicKey: public, Signature: signature}
			console.say(signIn)
			if p := hear[*wire.Problem](console); p.Code != wire.CodeNotEnrolled {
				t.Errorf("before: %+v", p)
			}
			pair := &wire.Pair{PublicKey: public, Signature: signature, Computer: "laptop"}
			for _, answer := range []string{"refuse", "allow"} {
				console.say(pair)
				told := hear[*wire.Pairing](console)
				path := strings.TrimPrefix(told.URL, b.site)
				if path != "/login/console/"+told.Code {
					t.Errorf("pairing %+v", told)
				}
				if page := olga.get(path); !strings.Contains(page, told.Code) || !strings.Contains(page, "laptop") {
					t.Errorf("the page does not show code and computer: %s", page)
				}
				olga.post(path, url.Values{"do": {answer}})
				if answer == "refuse" {
					if p := hear[*wire.Problem](console); p.Code != wire.CodePairRefused {
						t.Errorf("refused: %+v", p)
					}
				}
			}
			if in := hear[*wire.SignedIn](console); in.Name != "Olga" || in.Idle == 0 {
				t.Errorf("signed in %+v", in)
			}
			console.say(&wire.NewKey{Request: [16]byte{1}})
			hear[*wire.KeyMade](console)
			console.say(&wire.SignOut{})
			console.say(signIn)
			if p := hear[*wire.Problem](console); p.Code != wire.CodeLoginNeeded {
				t.Errorf("after signing out: %+v", p)
			}
		})
	}
}
