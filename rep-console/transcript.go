package main

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"

	"handrail/rep-console/console"
	"handrail/rep-console/shift"
	"handrail/shared/transcript"
	"handrail/shared/vault"
	"handrail/shared/wire"
)

// seal says how this console seals for an organisation's record key.
func (d *desk) seal(key []byte) (shift.Seal, error) {
	organisation := d.site.Key()
	if organisation == nil {
		return nil, shift.ErrNoOrganisation
	}
	to, err := vault.Check(key, organisation)
	if err != nil {
		return nil, err
	}
	return func(certificate []byte, log wire.Log) ([]byte, error) { return to.Seal(d.key, certificate, log) }, nil
}

// transcript reads a transcript's file with what this console was granted.
func (d *desk) transcript(path string, grants [][]byte) console.TranscriptRead {
	read := console.TranscriptRead{Path: path, Name: filepath.Base(path)}
	b, err := load(path)
	if err != nil {
		slog.Warn("reading a transcript", "err", err)
		read.Unread = console.Unreadable
		return read
	}
	if read.File, err = transcript.Read(b); err != nil {
		slog.Warn("reading a transcript", "err", err)
		read.Unread = console.NoTranscript
		return read
	}
	open, why := d.opener(grants, &read)
	read.Lines = read.File.Lines(open)
	switch sealed := func(p transcript.Part) bool { return len(p.Sealed) > 0 }; {
	case !slices.ContainsFunc(read.File.Parts, sealed):
	case why != console.ReadWell:
		read.Unread = why
	case slices.ContainsFunc(read.Lines, func(l transcript.Line) bool { return l.Sort == transcript.Closed || l.Sort == transcript.Forged }):
		read.Unread = console.SomeBroken
	}
	return read
}

// opener opens parts, and notes who has signed them; nil, and why, where this
// console can't.
func (d *desk) opener(grants [][]byte, read *console.TranscriptRead) (func([]byte) transcript.Opened, console.Unread) {
	organisation := d.site.Key()
	if organisation == nil {
		return nil, console.NoSigner
	}
	reader, err := vault.Unlock(grants, d.key)
	if err != nil {
		return nil, console.NoGrant
	}
	opens := reader.Opens(organisation)
	return func(sealed []byte) transcript.Opened {
		o := opens(sealed)
		if o.Sort == transcript.Happened && !slices.Contains(read.Signed, o.By) {
			read.Signed = append(read.Signed, o.By)
		}
		return o
	}, console.ReadWell
}

// load reads no more than a transcript can have, and of nothing that could keep
// it waiting, such as a pipe.
func load(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, errors.New("not a file")
	}
	if info.Size() > transcript.MaxFile {
		return nil, fmt.Errorf("%d bytes", info.Size())
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, transcript.MaxFile+1))
}
