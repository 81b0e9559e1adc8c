"""The traveller's room: trips, touches, the evidence they bring, and the QR."""
