package main

type verdict struct{}
type chart struct{}
