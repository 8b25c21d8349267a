package main

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"handrail/broker/store"
	"handrail/shared/secret"
	"handrail/shared/vault"
	"handrail/shared/wire"
	"handrail/shared/words"
)

// What crosses from the broker to the machine with the organisation's key, and
// back, is two files of JSON that people can read.

const (
	requestsTitle     = "certificate requests"
	certificatesTitle = "certificates"

	// renewal is how long before its end a certificate is to be made anew.
	renewal = 30 * day

	longestFile = 16 << 20 // bytes: some 10,000 consoles have 3 MB
)

// requestFile lists the consoles that want a certificate.
type requestFile struct {
	Handrail string    `json:"handrail"`
	Requests []request `json:"requests"`
}

// request is one console. The rest is what the broker believes of it.
type request struct {
	Console  ed25519.PublicKey `json:"console"`
	Rep      uint64            `json:"rep"`
	Name     string            `json:"name"`
	Computer string            `json:"computer,omitempty"`
}

// certificateFile holds what was made with the organisation's key.
type certificateFile struct {
	Handrail     string   `json:"handrail"`
	Certificates [][]byte `json:"certificates"`
	RecordKey    []byte   `json:"recordKey,omitempty"` // that consoles seal transcripts for
	Grants       []grant  `json:"grants,omitempty"`    // for consoles that may open them
}

// grant lets one console open sealed transcripts. Only that console can read
// what is in it.
type grant struct {
	Console ed25519.PublicKey `json:"console"`
	Sealed  []byte            `json:"sealed"`
}

// writeJSON prints a file.
func (c *command) writeJSON(file any) error {
	out := json.NewEncoder(c.out)
	out.SetIndent("", "  ")
	if err := out.Encode(file); err != nil {
		return fmt.Errorf("printing a file: %w", err)
	}
	return nil
}

// readJSON reads one of the two files.
func readJSON(name string, into any) error {
	b, err := readFile(name, longestFile)
	if err != nil {
		return err
	}
	return json.Unmarshal(b, into)
}

// readFile reads a file with no more than so many bytes; "-" is standard input.
func readFile(name string, most int) ([]byte, error) {
	from := os.Stdin
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		from = f
	}
	b, err := io.ReadAll(io.LimitReader(from, int64(most)+1))
	if err == nil && len(b) > most {
		err = fmt.Errorf("longer than %d bytes", most)
	}
	return b, err
}

// readRequests reads what a broker has exported. It comes from a machine that
// is trusted less than this one: what could not be shown as it is, is refused.
func readRequests(name string) ([]request, error) {
	var file requestFile
	err := readJSON(name, &file)
	if err == nil && file.Handrail != requestsTitle {
		err = errors.New("another kind of file")
	}
	for _, r := range file.Requests {
		if err == nil && (len(r.Console) != ed25519.PublicKeySize || r.Name == "" || !showable(r.Name) || !showable(r.Computer)) {
			err = fmt.Errorf("a request that can't be shown: %q", r.Name)
		}
	}
	if err != nil {
		return nil, sorry(err, words.RequestsNotRead, name)
	}
	return file.Requests, nil
}

// certificates carries requests out of the broker and certificates into it.
func (c *command) certificates(ctx context.Context, args []string) error {
	f, p := c.flags(words.FlagDataKept)
	key := f.String("organisation-key", "", c.say.Say(words.FlagOrganisationKey))
	export := f.Bool("export-requests", false, c.say.Say(words.FlagExportRequests))
	from := f.String("import", "", c.say.Say(words.FlagImport))
	out := f.String("no-reader", "", c.say.Say(words.FlagNoReader))
	yes := f.Bool("yes", false, c.say.Say(words.FlagOtherKey))
	return c.withKept(ctx, f, p, args, 0, func(s *store.Store) error {
		organisation, err := c.organisationOf(ctx, s, *key, *yes)
		if err != nil {
			return err
		}
		now := time.Now()
		var in store.Signed
		if *from != "" { // before a key is forgotten that it may be of
			if in, err = readCertificates(*from, organisation, now); err != nil {
				return err
			}
		}
		if *key != "" {
			if err := s.SetOrganisationKey(ctx, organisation, now); err != nil {
				return err
			}
			fmt.Fprintln(c.notice, c.say.Say(words.OrganisationKeyKept))
		}
		if *from != "" {
			if err := c.keepCertificates(ctx, s, in, now); err != nil {
				return err
			}
		}
		if *out != "" {
			if err := c.noReader(ctx, s, *out); err != nil {
				return err
			}
		}
		return c.tellUncertified(ctx, s, *export)
	})
}

// organisationOf is the public half of the organisation's key: the one that is
// told, else the one that is known. With another one everything is forgotten
// that was signed with the one before, so that takes a yes.
func (c *command) organisationOf(ctx context.Context, s *store.Store, told string, yes bool) (ed25519.PublicKey, error) {
	known, err := s.OrganisationKey(ctx)
	if err != nil {
		return nil, err
	}
	if told == "" {
		if known == nil {
			return nil, sorry(nil, words.NoOrganisationKey)
		}
		return known, nil
	}
	key, err := base64.StdEncoding.DecodeString(told)
	if err != nil || len(key) != ed25519.PublicKeySize {
		return nil, misuse(words.BadOrganisationKey, told)
	}
	if known != nil && !bytes.Equal(known, key) && !yes {
		readers, err := s.Grants(ctx)
		if err != nil {
			return nil, err
		}
		return nil, sorry(nil, words.OtherOrganisationKey, len(readers))
	}
	return key, nil
}

// readCertificates reads a file, all of which must be good.
func readCertificates(name string, organisation ed25519.PublicKey, now time.Time) (store.Signed, error) {
	var file certificateFile
	err := readJSON(name, &file)
	if err == nil && (file.Handrail != certificatesTitle || len(file.Certificates) == 0 && len(file.RecordKey) == 0) {
		err = errors.New("another kind of file")
	}
	if err != nil {
		return store.Signed{}, sorry(err, words.CertificatesNotRead, name)
	}
	return file.checked(organisation, now)
}

// keepCertificates keeps everything that was read.
func (c *command) keepCertificates(ctx context.Context, s *store.Store, in store.Signed, now time.Time) error {
	err := s.KeepSigned(ctx, in, now)
	if errors.Is(err, store.ErrNoConsole) {
		return sorry(err, words.CertificateStray)
	}
	if err != nil {
		return err
	}
	fmt.Fprintln(c.notice, c.say.Say(words.CertificatesKept, len(in.Certificates)))
	if len(in.Grants) > 0 {
		fmt.Fprintln(c.notice, c.say.Say(words.GrantsKept, len(in.Grants)))
	}
	return nil
}

// checked is what a file says, checked as well as it can be: what is in a grant
// only its console sees, and a wrong one is of no use to it.
func (f certificateFile) checked(organisation ed25519.PublicKey, now time.Time) (store.Signed, error) {
	var in store.Signed
	for i, b := range f.Certificates {
		known, err := secret.ReadCertificate(b, organisation, now)
		if err != nil {
			return in, sorry(err, words.CertificateRefused, i+1)
		}
		in.Certificates = append(in.Certificates, store.Certificate{PublicKey: known.Key, Bytes: b, Expires: known.To})
	}
	if len(f.RecordKey) > 0 || len(f.Grants) > 0 {
		if _, err := vault.Check(f.RecordKey, organisation); err != nil {
			return in, sorry(err, words.RecordKeyRefused)
		}
		in.RecordKey = f.RecordKey
	}
	for _, g := range f.Grants {
		if len(g.Console) != ed25519.PublicKeySize || len(g.Sealed) == 0 || len(g.Sealed) > wire.MaxGrant {
			return in, sorry(nil, words.GrantRefused)
		}
		in.Grants = append(in.Grants, store.Grant{PublicKey: g.Console, Bytes: g.Sealed})
	}
	return in, nil
}

// noReader forgets what a console opens transcripts with.
func (c *command) noReader(ctx context.Context, s *store.Store, text string) error {
	console, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(console) != ed25519.PublicKeySize {
		return misuse(words.CertifyBadConsole, text)
	}
	err = s.Ungrant(ctx, console, time.Now())
	if errors.Is(err, store.ErrNoConsole) {
		return sorry(nil, words.NoSuchReader)
	}
	if err != nil {
		return err
	}
	fmt.Fprintln(c.notice, c.say.Say(words.ReaderOut))
	return nil
}

// tellUncertified says how many consoles have no certificate for long, or which.
func (c *command) tellUncertified(ctx context.Context, s *store.Store, export bool) error {
	all, err := s.Uncertified(ctx, time.Now().Add(renewal))
	if err != nil {
		return err
	}
	fmt.Fprintln(c.notice, c.say.Say(words.Uncertified, len(all)))
	if !export {
		return nil
	}
	file := requestFile{Handrail: requestsTitle, Requests: []request{}}
	for _, u := range all {
		file.Requests = append(file.Requests, request{Console: u.PublicKey, Rep: u.Rep, Name: u.Name, Computer: u.Computer})
	}
	return c.writeJSON(file)
}
