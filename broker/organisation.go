package main

import (
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"handrail/broker/notary"
	"handrail/shared/transcript"
	"handrail/shared/words"
)

// The verbs of this file are the only ones that meet an organisation's private
// key. They need no data and no broker, and a broker that serves never comes
// here: a test holds it to that.

// day is what the life of a certificate is counted in.
const day = 24 * time.Hour

// offline reads the settings of a verb that works on no broker's data.
func (c *command) offline(f *flag.FlagSet, args []string) error { return c.read(f, args, 0) }

// organisationKey makes an organisation's key, or tells its public half again.
func (c *command) organisationKey(_ context.Context, args []string) error {
	f := c.plainFlags()
	to := f.String("out", "", c.say.Say(words.FlagKeyOut))
	of := f.String("of", "", c.say.Say(words.FlagKeyOf))
	from := f.String("passphrase-file", "", c.say.Say(words.FlagKeyPassphrase))
	if err := c.offline(f, args); err != nil {
		return err
	}
	if (*to == "") == (*of == "") {
		return misuse(words.KeyNeedsFile)
	}
	secret, err := passphrase(*from)
	if err != nil {
		return err
	}
	var key notary.Key
	if *of != "" {
		key, err = openKey(*of, secret)
	} else {
		key, err = makeKey(*to, secret)
	}
	if err != nil {
		return err
	}
	if *to != "" {
		fmt.Fprintln(c.notice, c.say.Say(words.KeyMade, *to))
	}
	return c.print(base64.StdEncoding.EncodeToString(key.Public()))
}

func makeKey(name, passphrase string) (notary.Key, error) {
	key, err := notary.New()
	if err != nil {
		return key, err
	}
	err = writeNew(name, func(w io.Writer) error { return key.Seal(w, passphrase) })
	switch {
	case errors.Is(err, fs.ErrExist):
		return key, misuse(words.KeyThere, name)
	case err != nil:
		return key, sorry(err, words.KeyNotWritten, name)
	}
	return key, nil
}

func openKey(name, passphrase string) (notary.Key, error) {
	file, err := os.Open(name)
	if err != nil {
		return notary.Key{}, sorry(err, words.KeyNotRead, name)
	}
	defer file.Close()
	key, err := notary.Open(file, passphrase)
	switch {
	case errors.Is(err, notary.ErrPassphrase):
		return key, sorry(nil, words.KeyPassphrase)
	case err != nil:
		return key, sorry(err, words.KeyNotRead, name)
	}
	return key, nil
}

// order is what certify was told to sign.
type order struct {
	key, passphrase string // files
	days            int

	console, name string // one console
	requests      string // or a file of requests
	only          string // of them, by number
	all           bool

	reader  bool   // the one console may read transcripts
	readers string // or which of those that are signed: numbers, or everyReader
}

// everyReader lets all consoles that are signed read transcripts.
const everyReader = "all"

// certify signs certificates with the organisation's key, or lists what there
// is to be signed: a request says whose console a key is, and only people know
// whether that is true.
func (c *command) certify(_ context.Context, args []string) error {
	var o order
	f := c.plainFlags()
	f.StringVar(&o.key, "key", "", c.say.Say(words.FlagKeyFile))
	f.StringVar(&o.passphrase, "passphrase-file", "", c.say.Say(words.FlagKeyPassphrase))
	f.IntVar(&o.days, "days", 365, c.say.Say(words.FlagDays))
	f.StringVar(&o.console, "console", "", c.say.Say(words.FlagConsole))
	f.StringVar(&o.name, "name", "", c.say.Say(words.FlagCertifiedName))
	f.StringVar(&o.requests, "requests", "", c.say.Say(words.FlagRequests))
	f.StringVar(&o.only, "only", "", c.say.Say(words.FlagOnly))
	f.BoolVar(&o.all, "all", false, c.say.Say(words.FlagAll))
	f.BoolVar(&o.reader, "reader", false, c.say.Say(words.FlagReader))
	f.StringVar(&o.readers, "readers", "", c.say.Say(words.FlagReaders))
	if err := c.offline(f, args); err != nil {
		return err
	}
	if most := int(notary.Longest / day); o.days < 1 || o.days > most {
		return misuse(words.CertifyBadDays, most)
	}
	asked, err := o.asked()
	if err != nil {
		return err
	}
	if o.requests != "" && !o.all && o.only == "" {
		return c.listRequests(asked)
	}
	if o.key == "" {
		return misuse(words.TranscriptNeedsKey)
	}
	chosen, err := o.chosen(asked)
	if err != nil {
		return err
	}
	readers, err := o.letIn(asked, chosen)
	if err != nil {
		return err
	}
	secret, err := passphrase(o.passphrase)
	if err != nil {
		return err
	}
	key, err := openKey(o.key, secret)
	if err != nil {
		return err
	}
	signed, err := sign(key, chosen, readers, time.Duration(o.days)*day)
	if err != nil {
		return err
	}
	fmt.Fprintln(c.notice, c.say.Say(words.Certified, len(chosen)))
	if len(readers) > 0 {
		fmt.Fprintln(c.notice, c.say.Say(words.ReadersGranted, len(readers)))
	}
	return c.writeJSON(signed)
}

// sign makes what goes to the broker: certificates, the record key, and grants
// for those who may read transcripts.
func sign(key notary.Key, chosen, readers []request, life time.Duration) (certificateFile, error) {
	signed := certificateFile{Handrail: certificatesTitle}
	for _, r := range chosen {
		b, err := key.Certify(r.Console, r.Name, time.Now(), life)
		if err != nil {
			return signed, err
		}
		signed.Certificates = append(signed.Certificates, b)
	}
	records, err := key.Records()
	if err != nil {
		return signed, err
	}
	signed.RecordKey = records.Signed()
	for _, r := range readers {
		sealed, err := records.Grant(r.Console)
		if err != nil {
			return signed, sorry(err, words.CertifyBadConsole, base64.StdEncoding.EncodeToString(r.Console))
		}
		signed.Grants = append(signed.Grants, grant{Console: r.Console, Sealed: sealed})
	}
	return signed, nil
}

// asked are the requests of the command line or of its file.
func (o order) asked() ([]request, error) {
	switch {
	case (o.console == "") == (o.requests == ""):
		return nil, misuse(words.CertifyNeeds)
	case o.requests != "":
		return readRequests(o.requests)
	}
	console, err := base64.StdEncoding.DecodeString(o.console)
	if err != nil || len(console) != ed25519.PublicKeySize {
		return nil, misuse(words.CertifyBadConsole, o.console)
	}
	if strings.TrimSpace(o.name) == "" || !showable(o.name) {
		return nil, misuse(words.CertifyNeedsName)
	}
	return []request{{Console: console, Name: o.name}}, nil
}

// chosen are those of the requests that are to be signed.
func (o order) chosen(all []request) ([]request, error) {
	if o.requests == "" || o.all {
		return all, nil
	}
	return numbered(o.only, all)
}

// letIn are those of the signed consoles that may read transcripts.
func (o order) letIn(all, chosen []request) ([]request, error) {
	switch {
	case o.requests == "" && o.readers != "":
		return nil, misuse(words.CertifyReadersOfFile)
	case o.requests != "" && o.reader:
		return nil, misuse(words.CertifyReaderOfOne)
	case o.reader, o.readers == everyReader:
		return chosen, nil
	case o.readers == "":
		return nil, nil
	}
	readers, err := numbered(o.readers, all)
	for _, r := range readers {
		if err == nil && !among(chosen, r) {
			err = misuse(words.CertifyReaderUnsigned, r.Name)
		}
	}
	return readers, err
}

func among(all []request, r request) bool {
	return slices.ContainsFunc(all, func(x request) bool { return x.Console.Equal(r.Console) })
}

// numbered are the requests with these numbers, each once.
func numbered(numbers string, all []request) ([]request, error) {
	var chosen []request
	for number := range strings.SplitSeq(numbers, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(number))
		if err != nil || n < 1 || n > len(all) {
			return nil, misuse(words.CertifyBadNumber, number, len(all))
		}
		if !among(chosen, all[n-1]) {
			chosen = append(chosen, all[n-1])
		}
	}
	return chosen, nil
}

func (c *command) listRequests(all []request) error {
	w := tabwriter.NewWriter(c.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, c.say.Say(words.RequestHeads))
	for i, r := range all {
		fmt.Fprintf(w, "%d\t%s\t%s\t%s\n", i+1, r.Name, r.Computer, base64.StdEncoding.EncodeToString(r.Console))
	}
	fmt.Fprintln(c.notice, c.say.Say(words.CertifyCompare))
	return w.Flush()
}

// openTranscript prints a transcript that a report has given out. Who has the
// organisation's key needs no grant and no broker for that.
func (c *command) openTranscript(_ context.Context, args []string) error {
	f := c.plainFlags()
	name := f.String("key", "", c.say.Say(words.FlagKeyFile))
	from := f.String("passphrase-file", "", c.say.Say(words.FlagKeyPassphrase))
	if err := c.read(f, args, 1); err != nil {
		return err
	}
	switch {
	case *name == "":
		return misuse(words.TranscriptNeedsKey)
	case f.NArg() == 0:
		return misuse(words.TranscriptNeedsFile)
	}
	text, err := readFile(f.Arg(0), transcript.MaxFile)
	if err != nil {
		return sorry(err, words.TranscriptNoFile, f.Arg(0))
	}
	file, err := transcript.Read(text)
	if err != nil {
		return sorry(err, words.TranscriptNotRead, f.Arg(0))
	}
	secret, err := passphrase(*from)
	if err != nil {
		return err
	}
	key, err := openKey(*name, secret)
	if err != nil {
		return err
	}
	records, err := key.Records()
	if err != nil {
		return err
	}
	return c.tellTranscript(file, file.Lines(records.Reader().Opens(key.Public())))
}

// tellTranscript prints the lines, and fails where it can't show them all.
func (c *command) tellTranscript(file transcript.File, lines []transcript.Line) error {
	found := map[transcript.Sort]bool{}
	if err := c.print(c.say.TranscriptHead(file, time.Local) + "\n"); err != nil {
		return err
	}
	for _, l := range lines {
		found[l.Sort] = true
		if err := c.print(c.say.TranscriptText(l, time.Local)); err != nil {
			return err
		}
	}
	switch {
	case found[transcript.Forged]:
		return sorry(nil, words.TranscriptForged)
	case found[transcript.Closed]:
		return sorry(nil, words.TranscriptOthers)
	}
	return nil
}
