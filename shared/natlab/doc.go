// Package natlab puts the programs into a small internet of network namespaces
// and sees what gets through: a broker in the middle, and two homes, each
// behind a router of some kind. The broker is the real program. The two ends
// are this test binary, started inside the namespaces; they run packages visit
// and shift, as the programs do, with nobody at the windows. There is nothing
// here to import.
//
// It needs root, ip and nft:
//
//	go tool task natlab                     where the machine allows it
//	go test -v ./shared/natlab -results F   and writes the tables to F
package natlab
