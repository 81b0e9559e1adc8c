// A reader of our log that shares no code with the product: notes and trees by
// golang.org/x/mod/sumdb (BSD-3-Clause), as Debian packages it.
//
//	reader FOLDER VKEY
//
// FOLDER holds checkpoint, tiles under tile/, leaves ("INDEX BASE64-ENTRY" a line), older
// ("SIZE BASE64-ROOT" a line) and proofs ("INDEX HASH HASH…" a line). It says what it checked.
package main

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const height = 8

// files reads tiles as C2SP names them: without the height that this library puts first.
type files struct{ folder string }

func (f files) Height() int { return height }

func (f files) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var read [][]byte
	for _, tile := range tiles {
		name := strings.Replace(tile.Path(), fmt.Sprintf("tile/%d/", height), "tile/", 1)
		data, err := os.ReadFile(filepath.Join(f.folder, filepath.FromSlash(name)))
		if err != nil {
			return nil, err
		}
		read = append(read, data)
	}
	return read, nil
}

func (files) SaveTiles([]tlog.Tile, [][]byte) {}

func main() {
	folder, vkey := os.Args[1], os.Args[2]
	tree, err := checkpoint(folder, vkey)
	must("checkpoint", err)
	hashes := tlog.TileHashReader(tree, files{folder})
	root, err := tlog.TreeHash(tree.N, hashes)
	must("tiles", err)
	if root != tree.Hash {
		must("tiles", fmt.Errorf("another root"))
	}
	must("leaves", leaves(folder, tree, hashes))
	must("older", older(folder, tree, hashes))
	must("proofs", proofs(folder, tree))
	fmt.Printf("%d leaves, %s\n", tree.N, tree.Hash)
}

func must(what string, err error) {
	if err != nil {
		fmt.Printf("%s: %v\n", what, err)
		os.Exit(1)
	}
}

func checkpoint(folder, vkey string) (tlog.Tree, error) {
	var tree tlog.Tree
	message, err := os.ReadFile(filepath.Join(folder, "checkpoint"))
	if err != nil {
		return tree, err
	}
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		return tree, err
	}
	opened, err := note.Open(message, note.VerifierList(verifier))
	if err != nil {
		return tree, err
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || lines[0] != verifier.Name() {
		return tree, fmt.Errorf("not three lines of this log")
	}
	if tree.N, err = strconv.ParseInt(lines[1], 10, 64); err != nil {
		return tree, err
	}
	tree.Hash, err = tlog.ParseHash(lines[2])
	return tree, err
}

func leaves(folder string, tree tlog.Tree, hashes tlog.HashReader) error {
	return each(folder, "leaves", func(index int64, words []string) error {
		entry, err := base64.StdEncoding.DecodeString(words[0])
		if err != nil {
			return err
		}
		proof, err := tlog.ProveRecord(tree.N, index, hashes)
		if err != nil {
			return err
		}
		return tlog.CheckRecord(proof, tree.N, tree.Hash, index, tlog.RecordHash(entry))
	})
}

func older(folder string, tree tlog.Tree, hashes tlog.HashReader) error {
	return each(folder, "older", func(size int64, words []string) error {
		root, err := tlog.ParseHash(words[0])
		if err != nil {
			return err
		}
		proof, err := tlog.ProveTree(tree.N, size, hashes)
		if err != nil {
			return err
		}
		return tlog.CheckTree(proof, tree.N, tree.Hash, size, root)
	})
}

// proofs are ours: the leaf hash first, then the way up.
func proofs(folder string, tree tlog.Tree) error {
	return each(folder, "proofs", func(index int64, words []string) error {
		var way tlog.RecordProof
		for _, word := range words {
			hash, err := tlog.ParseHash(word)
			if err != nil {
				return err
			}
			way = append(way, hash)
		}
		return tlog.CheckRecord(way[1:], tree.N, tree.Hash, index, way[0])
	})
}

func each(folder, name string, check func(int64, []string) error) error {
	content, err := os.ReadFile(filepath.Join(folder, name))
	if err != nil {
		return err
	}
	for _, line := range strings.Split(string(bytes.TrimSpace(content)), "\n") {
		words := strings.Fields(line)
		number, err := strconv.ParseInt(words[0], 10, 64)
		if err != nil {
			return err
		}
		if err := check(number, words[1:]); err != nil {
			return fmt.Errorf("%d: %w", number, err)
		}
	}
	return nil
}
