package main

import (
	"context"
	"log/slog"
	"os"
	"time"

	"handrail/broker/certs"
	"handrail/shared/words"
)

// lookWait is how often it is looked whether the certificate was renewed.
const lookWait = time.Minute

// renew has new connections get the certificate as it is now. It looks now and
// then, and at once when it is asked, until ctx ends.
func renew(ctx context.Context, fresh *certs.Fresh, asked <-chan os.Signal, log *slog.Logger, say words.Speaker) error {
	tick := time.NewTicker(lookWait)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-asked:
			log.Info("asked to look for a renewed certificate")
		case <-ctx.Done():
			return nil
		}
		switch news, err := fresh.Look(time.Now()); news {
		case certs.Renewed:
			log.Info("certificate renewed", "ends", fresh.Ends())
		case certs.OtherKey:
			log.Error(say.Say(words.BrokerOtherKey), "ends", fresh.Ends())
		case certs.Refused:
			log.Error("certificate not renewed, the one before stays", "error", err)
		}
	}
}
