"""部端模拟器: plays the national entry and stand-in agencies, checking every byte it sends."""
