package main

import "github.com/gorilla/websocket"

// Client is one connection: a goroutine reads it, another writes what the hub has for it.
type Client struct {
	hub  *Hub
	conn *websocket.Conn
	send chan *websocket.PreparedMessage
}

func (c *Client) readPump() {
	defer func() { c.hub.unregister <- c }()
	for {
		kind, text, err := c.conn.ReadMessage()
		if err != nil {
			return
		}
		if kind == websocket.TextMessage {
			c.hub.broadcast <- text
		}
	}
}

// A client who does not read fills his channel; the hub then closes the connection, which ends a
// write that hangs. So no write needs a deadline of its own.
func (c *Client) writePump() {
	for message := range c.send {
		if c.conn.WritePreparedMessage(message) != nil {
			return
		}
	}
}
